import type { EventType } from '../kernel/event-type.ts'
import { EVENTS as STREAM } from '../stream/dead-letters.ts'
import { EVENTS as AUTH } from './auth/schema.ts'
import { EVENTS as CATALOG } from './catalog/schema.ts'
import { EVENTS as CLICKSTREAM } from './clickstream/events-schema.ts'
import { EVENTS as DEAD_LETTERS } from './dead-letters/schema.ts'
import { EVENTS as INVENTORY } from './inventory/schema.ts'
import { EVENTS as JOBS } from './jobs/schema.ts'
import { EVENTS as ORDERS } from './orders/schema.ts'
import { EVENTS as REVIEWS } from './reviews/schema.ts'
import { EVENTS as SETTINGS } from './settings/schema.ts'
import { EVENTS as USERS } from './users/schema.ts'

/** Every type of event of the shop: the API document of the streams and the test of compatibility read it. */
export const EVENT_TYPES: readonly EventType[] = [
  ...USERS,
  ...AUTH,
  ...CATALOG,
  ...INVENTORY,
  ...ORDERS,
  ...REVIEWS,
  ...SETTINGS,
  ...DEAD_LETTERS,
  ...JOBS,
  ...CLICKSTREAM,
  ...STREAM,
]

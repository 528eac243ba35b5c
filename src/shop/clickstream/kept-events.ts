import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import type { CloudEvent } from '../../kernel/event.ts'
import { firstOf } from '../../storage/list-all.ts'
import { removeInSteps } from '../../storage/remove-in-steps.ts'
import type { Storage } from '../../storage/storage.ts'
import type { AppendReaction } from '../../stream/reaction.ts'
import type { EventSource } from '../timeline/schema.ts'
import type { Gone } from '../users/users.ts'
import { createEventsOfPerson } from './events-of-person.ts'
import { ClickstreamData } from './events-schema.ts'
import { keysOf, visitItem } from './kept-rules.ts'
import { KEPT_EVENTS, type KeptEvent, type New } from './kept-schema.ts'
import { CLICKSTREAM_TOPIC } from './schema.ts'

export const KEPT_EVENTS_GROUP = 'events'
export const KEPT_EVENTS_TOPICS = [CLICKSTREAM_TOPIC] as const

export interface KeptEventsOptions {
  storage: Pick<Storage, 'collection'>
  gone: Pick<Gone, 'events'>
  clock: Clock
  retention_seconds: number
}

/**
 * The clickstream by visitor, user, session or order, for a shop whose log is Kafka. (The embedded log is read
 * itself.) Filled by event id, so that a repeat is harmless.
 */
export function createKeptEvents({ storage, gone, clock, retention_seconds }: KeptEventsOptions) {
  const events = storage.collection(KEPT_EVENTS)
  const validator = Compile(ClickstreamData)

  function kept(event: CloudEvent): New<KeptEvent> {
    if (!validator.Check(event.data)) {
      const [fault] = validator.Errors(event.data)
      throw new Error(`the data of a ${event.type} does not fit: ${fault?.instancePath} ${fault?.message}`)
    }
    const keys = keysOf(event.time, event.data)
    const data = JSON.stringify(event.data)
    return { id: event.id, type: event.type, ...keys, data, created_at: keys.time, updated_at: keys.time }
  }

  const reaction: AppendReaction = {
    kind: 'append',
    name: KEPT_EVENTS_GROUP,
    topics: KEPT_EVENTS_TOPICS,
    async handle(given) {
      const left = await gone.events(given)
      const stay = given.filter((event) => !left.has(event))
      if (stay.length > 0) await events.insertMany(stay.map(kept))
    },
  }

  const source: EventSource = {
    async list({ of, key, ...page }) {
      const found = await firstOf(events, { index: of, equal: [key], order: 'desc', ...page })
      return found.map((kept) => visitItem({ ...kept, data: JSON.parse(kept.data) }, kept))
    },
  }

  return {
    reaction,
    ...source,
    ...createEventsOfPerson({
      kept: events,
      eventOf: async ({ type, time, data }) => ({ type, time, data: JSON.parse(data) }),
    }),
    /** Removes what is older than the retention; says how many went. */
    sweep(): Promise<number> {
      return removeInSteps(
        events,
        'received',
        new Date(clock.now() - retention_seconds * 1_000).toISOString(),
      )
    },
  }
}

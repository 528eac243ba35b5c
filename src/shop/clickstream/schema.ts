import { type Static, Type } from 'typebox'
import { Money } from '../../kernel/money.ts'

export const MAX_EVENTS = 500
export const MAX_BODY_BYTES = 1_024 * 1_024
export const MAX_CLICKSTREAM_EVENT_BYTES = 32 * 1_024
/** `properties` is the first level. */
export const MAX_PROPERTIES_DEPTH = 4
const MAX_URL_LENGTH = 2_048
const MAX_QUERY_LENGTH = 512
export const MAX_ID_LENGTH = 64
const MAX_QUANTITY = 100_000
/** Ids of clients are remembered for seven days; the times they count by lie in this window around the arrival. */
export const MAX_AGE_OF_ID_MS = 7 * 86_400_000
export const MAX_LEAD_OF_ID_MS = 86_400_000
/** An event older than the log keeps such events is filed under the time when it arrived. */
export const MAX_AGE_OF_EVENT_MS = 30 * 86_400_000

export const CLICKSTREAM_TOPIC = 'ecommerce-clickstream'
export const CLICKSTREAM_TYPES = [
  'page_view',
  'view_product',
  'search',
  'add_to_cart',
  'remove_from_cart',
  'begin_checkout',
] as const

/** Safe inside JSON text as they are; and never what the server makes for a visitor without an id. */
const ClientId = Type.String({ pattern: `^[A-Za-z0-9_.:-]{1,${MAX_ID_LENGTH}}$` })
const Time = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$',
  description: 'RFC 3339',
})
const Properties = Type.Record(Type.String(), Type.Unknown(), {
  description: `JSON of the shop's own, at most ${MAX_PROPERTIES_DEPTH} levels; nothing of a person`,
})

/** What clients tell of an event, and what is logged of it as it came. */
export const clickstreamFields = {
  session_id: Type.Optional(ClientId),
  url: Type.Optional(Type.String({ maxLength: MAX_URL_LENGTH })),
  referrer: Type.Optional(Type.String({ maxLength: MAX_URL_LENGTH })),
  product_id: Type.Optional(ClientId),
  sku: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_ID_LENGTH })),
  query: Type.Optional(Type.String({ maxLength: MAX_QUERY_LENGTH })),
  quantity: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_QUANTITY })),
  price: Type.Optional(Money),
  properties: Type.Optional(Properties),
}

/** One event as a storefront sends it. */
export const ClickstreamEvent = Type.Object(
  {
    type: Type.String({
      pattern: `^(${CLICKSTREAM_TYPES.join('|')}|custom\\.[a-z0-9][a-z0-9_.]{0,62})$`,
      description: `${CLICKSTREAM_TYPES.join(', ')}, or a name of the shop's own under \`custom.\``,
    }),
    event_id: Type.Optional({
      ...ClientId,
      description: 'Makes repeats harmless; a UUIDv7 or ULID, any other only together with `timestamp`',
    }),
    anonymous_id: Type.Optional({ ...ClientId, description: 'The visitor; else the guest session' }),
    timestamp: Type.Optional({ ...Time, description: 'When it happened, by the clock of the client' }),
    sent_at: Type.Optional({
      ...Time,
      description: 'When it was sent, by the same clock: corrects its skew',
    }),
    ...clickstreamFields,
  },
  { additionalProperties: false },
)
export type ClickstreamEvent = Static<typeof ClickstreamEvent>

const EventList = Type.Array(ClickstreamEvent, { maxItems: MAX_EVENTS })

/** For the documentation: the door judges each event alone. */
export const EventsBody = Type.Union([
  ClickstreamEvent,
  EventList,
  Type.Object({ events: EventList }, { additionalProperties: false }),
])

export const EventsAnswer = Type.Object({
  accepted: Type.Integer(),
  duplicates: Type.Integer(),
  rejected: Type.Array(
    Type.Object({
      index: Type.Integer({ description: 'Place in the request, from 0' }),
      code: Type.String(),
      message: Type.String(),
    }),
  ),
})
export type EventsAnswer = Static<typeof EventsAnswer>

/** Name of the roll-up that knows which user a visitor turned out to be. */
export const VISITORS = 'visitors'

export interface VisitorFigures {
  user_id: string | null
  /** When the visitor was first seen signed in. */
  since: string | null
}

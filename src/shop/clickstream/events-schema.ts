import { type Static, Type } from 'typebox'
import { defineEvent } from '../../kernel/event-type.ts'
import { CLICKSTREAM_TOPIC, CLICKSTREAM_TYPES, clickstreamFields } from './schema.ts'

/** What lies in the log: the client's fields and what the server saw. */
export const ClickstreamData = Type.Object(
  {
    anonymous_id: Type.String(),
    user_id: Type.Optional(Type.String()),
    event_id: Type.Optional(Type.String()),
    ...clickstreamFields,
    client_timestamp: Type.Optional(Type.String({ description: 'As the client sent it' })),
    received_at: Type.String(),
    user_agent: Type.String({ description: 'Family only' }),
    is_bot: Type.Boolean(),
    ip: Type.Union([Type.String(), Type.Null()], { description: 'Without the last octet, or 80 bits' }),
    country: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
)

export type ClickstreamData = Static<typeof ClickstreamData>

const RejectedData = Type.Object(
  {
    topic: Type.String(),
    code: Type.String(),
    message: Type.String(),
    received_at: Type.String(),
    original: Type.String({ description: 'The event as JSON, or its outline' }),
    outline: Type.Optional(
      Type.Boolean({ description: 'What could be text of a person is told by its kind and length' }),
    ),
  },
  { additionalProperties: false },
)

/** An event that was not taken, kept for who wants to know why. */
export const clickstreamRejected = defineEvent('clickstream_rejected', 'ecommerce-dead-letters', RejectedData)

export const EVENTS = [
  ...[...CLICKSTREAM_TYPES, 'custom.*'].map((type) => defineEvent(type, CLICKSTREAM_TOPIC, ClickstreamData)),
  clickstreamRejected,
]

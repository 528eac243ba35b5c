import { type Static, Type } from 'typebox'
import type { Topic } from '../../kernel/event.ts'
import type { CollectionDefinition, New, Stored } from '../../storage/storage.ts'

export { EVENTS } from './events-schema.ts'
export type { New }

export const DEAD_LETTERS_TOPIC = 'ecommerce-dead-letters'
/** As long as the log keeps them. */
export const DEAD_LETTERS_KEPT_MS = 30 * 86_400_000
const MAX_REASON_LENGTH = 600

export const LETTER_TYPES = ['consumer_rejected', 'clickstream_rejected', 'log_refused'] as const
export type LetterType = (typeof LETTER_TYPES)[number]

/** Where a dead letter stands in the log, and what became of it; the id is the letter's. The event itself stays in the log. */
export interface DeadLetter extends Stored {
  type: LetterType
  /** Where the event belongs. */
  topic: Topic
  subject: string
  group?: string
  reason: string
  partition: number
  offset: number
  retried_at?: string
  /** Of an event of a visitor: when it was taken after all. */
  taken_at?: string
}

export const DEAD_LETTERS: CollectionDefinition<DeadLetter> = {
  name: 'dead_letters',
  indexes: { created: { fields: ['created_at'] } },
}

export function shortReason(reason: string): string {
  return reason.slice(0, MAX_REASON_LENGTH)
}

const closed = { additionalProperties: false } as const
const Time = Type.String({ format: 'date-time' })

export const DeadLetterView = Type.Object(
  {
    id: Type.String(),
    type: Type.Enum([...LETTER_TYPES], {
      description:
        'consumer_rejected: a consumer could not take an event, and its subject waits; clickstream_rejected: the door did not take what a visitor sent; log_refused: Kafka refuses an event',
    }),
    at: Time,
    topic: Type.String({ description: 'Where the event belongs' }),
    subject: Type.String(),
    group: Type.Union([Type.String(), Type.Null()], { description: 'The consumer' }),
    reason: Type.String({ description: 'Also why the last retry came to nothing' }),
    state: Type.Enum(['waiting', 'asked', 'settled'], {
      description: 'asked: its consumer is about to read on',
    }),
    retried_at: Type.Union([Time, Type.Null()]),
    original: Type.Optional(
      Type.Union([Type.String(), Type.Null()], {
        description:
          'As it came, or its beginning; null when the log has it no longer, or its person was erased. With include=original',
      }),
    ),
  },
  closed,
)
export type DeadLetterView = Static<typeof DeadLetterView>

export const DeadLetterPage = Type.Object(
  { items: Type.Array(DeadLetterView), next_cursor: Type.Union([Type.String(), Type.Null()]) },
  closed,
)

import { Type } from 'typebox'
import { defineEvent } from '../../kernel/event-type.ts'

export const deadLetterRetried = defineEvent(
  'dead_letter_retried',
  'ecommerce-operations',
  Type.Object(
    {
      letter_id: Type.String(),
      letter_type: Type.String({ description: 'What the letter is about' }),
      topic: Type.String({ description: 'Where the event belongs' }),
      group: Type.Optional(Type.String({ description: 'The consumer that could not take it' })),
    },
    { additionalProperties: false },
  ),
)

export const EVENTS = [deadLetterRetried]

import type { Static, TObject } from 'typebox'
import { Compile } from 'typebox/compile'
import { draftOf, type EventDraft, type EventInput, type Topic } from './event.ts'

export interface EventType<Schema extends TObject = TObject> {
  type: string
  topic: Topic
  data: Schema
  /** Makes a draft; throws when the data does not fit its schema, which is a bug of the caller. */
  draft(input: EventInput<Static<Schema>>): EventDraft<Static<Schema>>
}

/**
 * Declares a type of domain event: its name, topic and the JSON Schema of its data. It lies apart from the envelope, so
 * that threads which only move events need not load the compiler of schemas.
 */
export function defineEvent<Schema extends TObject>(
  type: string,
  topic: Topic,
  data: Schema,
): EventType<Schema> {
  const validator = Compile(data)
  return {
    type,
    topic,
    data,
    draft(input) {
      if (!validator.Check(input.data)) {
        const faults = JSON.stringify(validator.Errors(input.data)).slice(0, 500)
        throw new Error(`event ${type} does not fit its schema: ${faults}`)
      }
      return draftOf(type, topic, input)
    },
  }
}

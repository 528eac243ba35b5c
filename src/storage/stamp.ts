import { type CloudEvent, type EventDraft, sequenced, type Topic } from '../kernel/event.ts'
import type { New, Stored } from './storage.ts'

/** An event with its place, ready for the outbox; `json` is the event's text. */
export interface StampedEvent {
  topic: Topic
  event: CloudEvent
  json: string
}

/** The first state of a document and its events, numbered from 1. */
export function stampInsert<T extends Stored>(document: New<T>, drafts: readonly EventDraft[]) {
  const { sequences, events } = number({}, drafts)
  return { document: { ...document, version: 1, sequences } as unknown as T, events }
}

/** The next state of a document and its events, numbered on from those it told before. */
export function stampReplace<T extends Stored>(document: T, drafts: readonly EventDraft[]) {
  const { sequences, events } = number(document.sequences ?? {}, drafts)
  return { document: { ...document, version: document.version + 1, sequences }, events }
}

function number(before: Record<string, number>, drafts: readonly EventDraft[]) {
  const sequences = { ...before }
  const events: StampedEvent[] = drafts.map((draft) => {
    const sequence = (sequences[draft.topic] ?? 0) + 1
    sequences[draft.topic] = sequence
    return sequenced(draft, sequence)
  })
  return { sequences, events }
}

import type { Document } from 'mongodb'
import { partitionOf } from '../../kernel/partition.ts'
import type { ListingRow } from '../listing.ts'
import type { StampedEvent } from '../stamp.ts'
import type { Stored } from '../storage.ts'
import type { PendingEvent } from './engine.ts'
import { NEW_FIGURES, type StoredFigures } from './figures.ts'
import { listingFields } from './listing-fields.ts'

/**
 * Events of one document that may wait in it. They are moved away within moments; when nobody does, its changes are refused
 * in the end, so that it never comes near the 16 MiB that MongoDB takes.
 */
export const MAX_WAITING_EVENTS = 256

/** A document as the database has it: native fields, the id as `_id`, and what callers never see. */
export interface StoredDocument {
  _id: string
  version: number
  _outbox?: PendingEvent[]
  /** The range that moves `_outbox`; only while there is something to move. */
  _pending?: number
  _listing?: Document
  /** What the roll-up of products knows of a listed document. */
  _figures?: StoredFigures
}

/** What is stored beside the document's own fields. */
interface Beside {
  /** Undefined where the collection has no listing. */
  listing: ListingRow | null | undefined
  events: readonly StampedEvent[]
  /** Milliseconds of the commit. */
  at: number
}

/** Reads leave out what callers never see. */
export const VISIBLE = { _outbox: 0, _pending: 0, _listing: 0, _figures: 0 } as const

export function toStored(document: Stored, { listing, events, at }: Beside): StoredDocument {
  return {
    ...ownFields(document, listing),
    _id: document.id,
    ...(listing !== undefined && { _figures: NEW_FIGURES }),
    ...(events.length > 0 && { _outbox: waiting(events, at), _pending: rangeOf(events) }),
  } as unknown as StoredDocument
}

/**
 * The next state of a document as one update on the server: every field of it is new but those that others write too. A
 * replacement made here would bring back events that were moved away since the document was read.
 */
export function replacement(document: Stored, { listing, events, at }: Beside): Document[] {
  const kept =
    events.length === 0
      ? { _outbox: '$_outbox', _pending: '$_pending' }
      : {
          _outbox: { $concatArrays: [{ $ifNull: ['$_outbox', []] }, { $literal: waiting(events, at) }] },
          _pending: { $ifNull: ['$_pending', rangeOf(events)] },
        }
  const fields = { $literal: ownFields(document, listing) }
  return [{ $replaceWith: { $mergeObjects: [fields, { _id: '$_id', _figures: '$_figures', ...kept }] } }]
}

export function fromStored<T extends Stored>(stored: StoredDocument): T {
  const { _id, ...fields } = stored
  return { id: _id, ...fields } as unknown as T
}

function ownFields({ id: _, ...fields }: Stored, listing: Beside['listing']): Document {
  return listing ? { ...fields, _listing: listingFields(listing) } : fields
}

function waiting(events: readonly StampedEvent[], at: number): PendingEvent[] {
  return events.map(({ topic, event }) => ({ topic, at, event }))
}

function rangeOf(events: readonly StampedEvent[]): number {
  return partitionOf(events[0]!.event.partitionkey)
}

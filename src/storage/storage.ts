import type { EventDraft } from '../kernel/event.ts'
import type { ListingOperations } from './listing.ts'
import type { Outbox } from './outbox.ts'
import type { RollUps } from './roll-ups.ts'
import type { StockOperations } from './stock.ts'

/**
 * The storage port: a closed set that SQLite and MongoDB are both good at. A commit is one document and the
 * events that tell of it; there is no other atomic unit. What does not fit is a named operation with a file
 * of its own. Refusals: `conflict` (id or unique index, code `duplicate`, `details.extra.index`),
 * `version_conflict` (code `version_moved`), `unavailable` (code `storage_unavailable`: disk full, closing).
 */
export interface Storage {
  collection<T extends Stored>(definition: CollectionDefinition<T>): Collection<T>
  readonly stock: StockOperations
  readonly listing: ListingOperations
  readonly rollUps: RollUps
  readonly outbox: Outbox
  /** Rejects with what is wrong when a write could not be made now. Cheap enough for every two seconds. */
  check(): Promise<void>
  /**
   * What was removed or replaced before is overwritten in the files of the engine, journals too, when this resolves; where the
   * files are a server's it resolves at once. Throws `unavailable` when readers are in the way: ask again later.
   */
  scrub(): Promise<void>
  /** Finishes the writes that were taken, refuses new ones, frees files and connections. */
  close(): Promise<void>
}

/** What every document carries. `sequences` counts its events per topic; the storage keeps it. */
export interface Stored {
  id: string
  /** 1 when inserted, raised by one by each replace. */
  version: number
  created_at: string
  updated_at: string
  sequences?: Record<string, number>
}

export type IndexValue = string | number | boolean

export interface IndexDefinition {
  /** Paths into the document, as `idem.key`; a document that lacks one of them is not in the index. */
  fields: readonly string[]
  unique?: boolean
  /** The first field is an array (or, as `variants.sku`, a field of the objects of an array) and every element is an entry. */
  multi?: boolean
}

export interface CollectionDefinition<T extends Stored> {
  name: string
  indexes: Record<string, IndexDefinition>
  /** For products: the narrow row that lists and searches read; kept by the same commit as the document. */
  listing?: (document: T) => import('./listing.ts').ListingRow | null
}

export interface ListQuery {
  index: string
  /**
   * Equal on the leading fields of the index, in its order: on all, or all but the last, and on the first of a
   * multi-valued one. Anything else would need a sort and throws.
   */
  equal?: readonly IndexValue[]
  /** On the field behind them. `prefix` is a range over strings. */
  range?: { from?: IndexValue; before?: IndexValue; prefix?: string }
  /** Order by the field behind the equal ones, then by id. */
  order?: 'asc' | 'desc'
  /** Residual equality on fields of the document. */
  where?: Record<string, IndexValue>
  after?: Position
  /** 1 to 1,000. */
  limit: number
}

/** Where a page ended: the value of the ordering field and the id of its last document. */
export interface Position {
  value: IndexValue
  id: string
}

export interface Page<T> {
  items: T[]
  /** Where to go on, or null at the end. */
  next: Position | null
}

/** How many there are; counting stops at 10,000 and then says `gte`. */
export interface Count {
  value: number
  relation: 'eq' | 'gte'
}

export type InsertVerdict = { ok: true } | { ok: false; index: string }

/** A document as the caller makes it: the storage gives version and sequences. */
export type New<T extends Stored> = Omit<T, 'version' | 'sequences'>

export interface Collection<T extends Stored> {
  get(id: string): Promise<T | undefined>
  /** In the order of `ids`, without those that are not there. */
  getMany(ids: readonly string[]): Promise<T[]>
  /** By all fields of a unique index. */
  getBy(index: string, values: readonly IndexValue[]): Promise<T | undefined>
  /** A page may be shorter than asked for where documents are long: `next` tells whether it is the last. */
  list(query: ListQuery): Promise<Page<T>>
  count(query: Pick<ListQuery, 'index' | 'equal' | 'range' | 'where'>): Promise<Count>
  insert(document: New<T>, events?: readonly EventDraft[]): Promise<T>
  /** `document` is what was read, changed by the caller, with the version that was read. */
  replace(document: T, events?: readonly EventDraft[]): Promise<T>
  /** For what tells no one. False when it is gone or its version moved. */
  remove(id: string, version: number): Promise<boolean>
  /** Removes up to `limit` documents whose one-field index is below `before`; says how many went. */
  removeOlder(index: string, before: IndexValue, limit: number): Promise<number>
  /** Without events; each judged alone. `index` of a refusal is `id` or the unique index. */
  insertMany(documents: readonly New<T>[]): Promise<InsertVerdict[]>
}

import type { SQLOutputValue } from 'node:sqlite'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { ListingRow } from '../listing.ts'
import type { StampedEvent } from '../stamp.ts'
import type { InsertVerdict } from '../storage.ts'

import { type CollectionPlan, column, indexName } from './collection-schema.ts'
import { putListing } from './listing-writes.ts'
import type { Handler, WriterContext } from './part.ts'
import { brokenUnique } from './sqlite-errors.ts'

/** SQLite knows no booleans: they are 0 and 1. */
export type Key = string | number | null

/** A document as the main thread prepared it: the writer neither parses nor serialises. */
export interface DocumentWrite {
  collection: string
  id: string
  /** The version that was read; 0 for a new document. */
  version: number
  body: string
  /** Values of the plan's columns, in their order. */
  keys: Key[]
  events: Pick<StampedEvent, 'topic' | 'json'>[]
  /** Only for a collection with a listing; null takes the document out of it. */
  listing?: ListingRow | null
}

interface Table {
  insert(write: DocumentWrite): void
  replace(write: DocumentWrite): void
  remove(id: string, version: number): boolean
  removeOlder(index: string, before: Key, limit: number): number
}

/** The writes of all collections, by kind. */
export function documentWrites(
  context: WriterContext,
  plans: readonly CollectionPlan[],
): Record<string, Handler> {
  const tables = new Map(plans.map((plan) => [plan.name, createTable(context, plan)]))
  const table = (name: string) => tables.get(name)!

  function finish(write: DocumentWrite): void {
    if (write.listing !== undefined) putListing(context, write.id, write.listing)
    for (const event of write.events) context.tell(event)
  }

  /** A refused statement leaves nothing behind, so that all share one savepoint. */
  function insertMany(writes: readonly DocumentWrite[]): InsertVerdict[] {
    const verdicts = writes.map(judged)
    // Not one document after the other: the index of texts writes itself out before each insert of a document.
    writes.forEach((write, place) => {
      if (verdicts[place]!.ok) finish(write)
    })
    return verdicts
  }

  function judged(write: DocumentWrite): InsertVerdict {
    try {
      table(write.collection).insert(write)
      return { ok: true }
    } catch (error) {
      if (isRefusal(error, 'duplicate')) return { ok: false, index: error.details.extra!.index as string }
      throw error
    }
  }

  return {
    insert(write: DocumentWrite) {
      table(write.collection).insert(write)
      finish(write)
    },
    insertMany,
    replace(write: DocumentWrite) {
      table(write.collection).replace(write)
      finish(write)
    },
    remove({
      collection,
      id,
      version,
      listed,
    }: {
      collection: string
      id: string
      version: number
      listed: boolean
    }) {
      const removed = table(collection).remove(id, version)
      if (removed && listed) putListing(context, id, null)
      return removed
    },
    removeOlder: (input: { collection: string; index: string; before: Key; limit: number }) =>
      table(input.collection).removeOlder(input.index, input.before, input.limit),
  }
}

function createTable({ prepare }: WriterContext, plan: CollectionPlan): Table {
  const table = `"${plan.name}"`
  const columns = plan.columns.map(column)
  const marks = columns.map(() => ', ?').join('')
  const add = prepare(
    `INSERT INTO ${table} (${['id', 'version', 'body', ...columns].join(', ')}) VALUES (?, ?, ?${marks})`,
  )
  const find = prepare(`SELECT ${['n', 'version', ...columns].join(', ')} FROM ${table} WHERE id = ?`)
  find.setReturnArrays(true)
  const erase = prepare(`DELETE FROM ${table} WHERE id = ? AND version = ?`)

  /** Only columns whose value moved are named, so that SQLite leaves the other indexes alone. */
  function change(row: SQLOutputValue[], write: DocumentWrite): void {
    const moved = plan.columns
      .map((_, place) => place)
      .filter((place) => row[place + 2] !== write.keys[place])
    const sets = ['version = ?', 'body = ?', ...moved.map((place) => `${columns[place]} = ?`)]
    const values = moved.map((place) => write.keys[place]!)
    prepare(`UPDATE ${table} SET ${sets.join(', ')} WHERE n = ?`).run(
      write.version + 1,
      write.body,
      ...values,
      row[0] as number,
    )
  }

  return {
    insert(write) {
      refuseDuplicates(plan, () => add.run(write.id, 1, write.body, ...write.keys))
    },
    replace(write) {
      const row = find.get(write.id) as unknown as SQLOutputValue[] | undefined
      if (!row || row[1] !== write.version) {
        throw new Refusal('version_conflict', 'version_moved', 'It was changed by someone else meanwhile.')
      }
      refuseDuplicates(plan, () => change(row, write))
    },
    remove: (id, version) => erase.run(id, version).changes === 1,
    removeOlder(index, before, limit) {
      const by = column(plan.indexes[index]!.fields[0]!)
      const old = `SELECT n FROM ${table} INDEXED BY ${indexName(plan.name, index)} WHERE ${by} < ? ORDER BY ${by} LIMIT ?`
      return Number(prepare(`DELETE FROM ${table} WHERE n IN (${old})`).run(before, limit).changes)
    },
  }
}

function refuseDuplicates(plan: CollectionPlan, write: () => unknown): void {
  try {
    write()
  } catch (error) {
    const broken = brokenUnique(error)
    if (broken === undefined) throw error
    const index = uniqueIndex(plan, broken)
    throw new Refusal('conflict', 'duplicate', 'Another one with the same value exists.', {
      extra: { index },
    })
  }
}

/** The declared name of the index that SQLite describes by its columns. */
function uniqueIndex({ name, indexes }: CollectionPlan, broken: string): string {
  if (broken === `${name}.id`) return 'id'
  for (const [index, { fields, unique, multi }] of Object.entries(indexes)) {
    if (!unique) continue
    const columns = multi
      ? fields.map((_, place) => `${name}.${index}.k${place}`)
      : fields.map((path) => `${name}.$${path}`)
    if (columns.join(', ') === broken) return index
  }
  throw new Error(`${broken} is not a declared unique index`)
}

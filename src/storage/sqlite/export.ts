import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { ExportedEntry, ExportedStock, NamedRollUp } from '../exported.ts'
import type { Fence, GroupPosition } from '../roll-ups.ts'
import type { StockKey } from '../stock.ts'
import { openReading, statementCache } from './connection.ts'
import { stockExport } from './export-stock.ts'
import { prepareFile } from './file-format.ts'

/**
 * Reads everything that a shop has in its file, also what the port does not show, in pages that go on behind `after`.
 * For a shop that is stopped and stays so: the caller holds the lock of the folder. Nothing is written.
 */
export interface SqliteExport {
  /** JSON texts by ascending id; none for a collection that this file does not have. */
  documents(collection: string, after: string, limit: number): { id: string; body: string }[]
  count(collection: string): number
  stock(after: StockKey | null, limit: number): ExportedStock[]
  rollUps(after: { name: string; id: string } | null, limit: number): NamedRollUp[]
  positions(): GroupPosition[]
  outbox(after: number, limit: number): ExportedEntry[]
  /** The last position that the outbox ever gave. */
  given(): number
  /** Tells this shop in this state from any other shop or state; reads a row of every document. */
  fingerprint(): string
  close(): void
}

/** Opens the file in a folder. Throws `StartRefused` for one that is missing, damaged, foreign or newer. */
export function openSqliteExport(directory: string): SqliteExport {
  const db = openReading(prepareFile(directory, { readOnly: true }))
  const prepare = statementCache(db)
  const tables = tablesOf(db)
  const stock = stockExport(prepare)

  return {
    documents(collection, after, limit) {
      if (!tables.has(collection)) return []
      const page = prepare(`SELECT id, body FROM "${collection}" WHERE id > ? ORDER BY id LIMIT ?`)
      return page.all(after, limit) as unknown as { id: string; body: string }[]
    },
    count(collection) {
      if (!tables.has(collection)) return 0
      return prepare(`SELECT count(*) AS count FROM "${collection}"`).get()!.count as number
    },
    stock,
    rollUps(after, limit) {
      const page = prepare(
        'SELECT name, id, fence, body FROM roll_ups WHERE (name, id) > (?, ?) ORDER BY name, id LIMIT ?',
      )
      return page.all(after?.name ?? '', after?.id ?? '', limit).map((row) => ({
        name: row.name as string,
        id: row.id as string,
        fence: JSON.parse(row.fence as string) as Fence,
        body: JSON.parse(row.body as string) as unknown,
      }))
    },
    positions() {
      const all = prepare(
        'SELECT name AS "group", topic, partition, "offset" FROM group_positions ORDER BY name, topic, partition',
      )
      return all.all().map((row) => ({ ...row }) as unknown as GroupPosition)
    },
    outbox(after, limit) {
      const page = prepare(
        'SELECT position, topic, at, json FROM outbox WHERE position > ? ORDER BY position LIMIT ?',
      )
      return page.all(after, limit).map((row) => ({ ...row }) as unknown as ExportedEntry)
    },
    given() {
      return (prepare("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").get()?.seq ?? 0) as number
    },
    fingerprint() {
      const facts = COUNTED.filter(([table]) => tables.has(table)).map(([table, what]) => [
        table,
        Object.values(prepare(`SELECT ${what} FROM "${table}"`).get()!),
      ])
      const documents = [...tables]
        .filter((table) => columnsOf(db, table).has('body') && columnsOf(db, table).has('version'))
        .sort()
        .map((table) => [
          table,
          Object.values(
            prepare(`SELECT count(*), sum(version), min(id), max(id), max(n) FROM "${table}"`).get()!,
          ),
        ])
      return createHash('sha256')
        .update(JSON.stringify([this.given(), facts, documents]))
        .digest('hex')
    },
    close: () => db.close(),
  }
}

/** What changes in the tables beside the collections whenever they do. */
const COUNTED: readonly [table: string, what: string][] = [
  ['stock', 'count(*), sum(version), sum(sequence), max(id)'],
  ['stock_settled', 'count(*), max(at)'],
  ['stock_refs', 'count(*), max(at)'],
  ['roll_ups', 'count(*), max(rowid)'],
  ['group_positions', 'count(*), sum("offset")'],
  ['outbox', 'count(*), min(position), max(position)'],
]

function tablesOf(db: DatabaseSync): Set<string> {
  const rows = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  return new Set(rows.map(({ name }) => name as string))
}

function columnsOf(db: DatabaseSync, table: string): Set<string> {
  return new Set(
    db
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map(({ name }) => name as string),
  )
}

import type { TSchema } from 'typebox'
import type { Fault } from '../../kernel/errors.ts'
import type { Result } from './schema.ts'

/** Reads rows as strictly as the API reads bodies. */
export interface RowReader {
  /** Throws `malformed`. */
  parse(json: Buffer): unknown
  faultsOf(value: unknown): Fault[]
}

/** A row of a table: its number and its cells by column. A column that the table lacks is not there. */
export interface TableRow {
  row: number
  cells: Readonly<Record<string, string>>
}

/** How a table says what a line of NDJSON says. */
export interface Table {
  columns: readonly string[]
  /** Rows that follow each other with the same text in this column are one value. */
  group_by: string
  /** The column whose text names a value that is refused. */
  key: string
  /** Rows of one value at most; those behind are counted and not kept. */
  max_rows: number
  /** Throws `invalid` with every fault; `parse` reads cells that hold JSON. */
  valueOf(rows: readonly TableRow[], parse: (json: string) => unknown): unknown
}

/** Who wants a value applied. */
export interface ApplyBy {
  /** The same whenever the row is applied again. */
  operation_id: string
  actor: string
  /** Says what would come of it and changes nothing. */
  dry_run: boolean
}

export interface Applied {
  result: Exclude<Result, 'refused'>
  /** Null where a dry run would make it. */
  id: string | null
}

/** What can be imported. */
// biome-ignore lint/suspicious/noExplicitAny: each kind has values of its own, which its reader has judged
export interface ImportKind<Value = any> {
  /** Of a line of NDJSON. */
  row: TSchema
  /** Undefined where it comes as NDJSON only. */
  table?: Table
  /** What a verdict calls the value. */
  keyOf(value: Value): string | null
  /** Values with a key in common are applied one after the other, in the order of their rows. */
  keysOf(value: Value): string[]
  /** Applied again it changes nothing. Throws a refusal for what cannot be. */
  apply(value: Value, by: ApplyBy): Promise<Applied>
}

/** What can be exported. */
// biome-ignore lint/suspicious/noExplicitAny: each kind has values of its own
export interface ExportKind<Value = any, Filter = any> {
  /** Of the query string that narrows it down. */
  query: TSchema
  /** A page at a time, so that no more is in memory. */
  pages(filter: Filter): AsyncIterable<readonly Value[]>
  columns: readonly string[]
  /** The rows of a table that say what the value says. */
  tableOf(value: Value): Record<string, string>[]
}

import { stringify } from 'csv-stringify/sync'
import { cellOf } from './cell-rules.ts'

/** Rows of a table as lines of CSV, without a header; a column that a row lacks is an empty cell. */
export function csvOf(rows: readonly Readonly<Record<string, string>>[], columns: readonly string[]): string {
  return lines(rows.map((row) => columns.map((column) => cellOf(row[column] ?? ''))))
}

/** The line with the names of the columns. */
export function headerOf(columns: readonly string[]): string {
  return lines([columns])
}

/** What other programs might break or trim is quoted. */
function lines(rows: readonly (readonly string[])[]): string {
  return stringify(rows as string[][], { quoted_match: /[\r\n]|^\s|\s$/ })
}

import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { Refusal } from '../../kernel/errors.ts'
import { textOf } from './cell-rules.ts'
import type { TableRow } from './exchange-schema.ts'
import { MAX_COLUMNS, MAX_ROW_BYTES } from './schema.ts'

/** Of a name that nobody knows. */
const MAX_SHOWN = 100

/** A row of a table, or that it has another number of cells than the header. */
export type TableRecord = TableRow | { row: number; cells: undefined; found: number; wanted: number }

/**
 * The rows of a CSV, one at a time; the header is row 1. Throws `malformed` for what is no CSV in UTF-8, `invalid` for a header
 * that names a column twice or one that there is not.
 */
export async function* recordsOf(
  source: AsyncIterable<Buffer>,
  columns: readonly string[],
): AsyncGenerator<TableRecord> {
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
  })
  const text = Readable.from(decoded(source))
  text.once('error', (error) => parser.destroy(error))
  text.pipe(parser)
  let row = 0
  let header: string[] | undefined
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      row += 1
      if (!header) header = headerOf(cells, columns)
      else if (cells.length === header.length) yield { row, cells: named(header, cells) }
      else yield { row, cells: undefined, found: cells.length, wanted: header.length }
    }
  } catch (error) {
    throw error instanceof CsvError ? noTable(error) : error
  } finally {
    text.destroy()
  }
}

async function* decoded(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    for await (const chunk of source) yield decoder.decode(chunk, { stream: true })
    yield decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new Refusal('malformed', 'bad_encoding', 'The body is not valid UTF-8.')
  }
}

function headerOf(cells: readonly string[], columns: readonly string[]): string[] {
  const header = cells.map((name) => name.trim())
  const errors = header.slice(0, MAX_COLUMNS + 1).flatMap((name, at) => {
    const pointer = `/${at}`
    if (!columns.includes(name))
      return {
        pointer,
        code: 'unknown_field',
        message: unknownColumn(name, columns),
      }
    if (header.indexOf(name) < at)
      return { pointer, code: 'not_unique', message: 'This column is there twice.' }
    return []
  })
  if (errors.length === 0) return header
  throw new Refusal('invalid', 'bad_header', 'The header does not fit; `errors` names each fault.', {
    errors,
  })
}

function unknownColumn(name: string, columns: readonly string[]): string {
  const found = `There is no column ${JSON.stringify(name.slice(0, MAX_SHOWN))}; there are ${columns.join(', ')}.`
  return name.includes(';') ? `${found} Cells have commas between them, not semicolons.` : found
}

function named(header: readonly string[], cells: readonly string[]): Record<string, string> {
  return Object.fromEntries(header.map((name, at) => [name, textOf(cells[at]!)]))
}

function noTable({ code, lines }: CsvError & { lines?: number }): Refusal {
  const line = lines === undefined ? '' : ` (line ${lines})`
  return new Refusal('malformed', 'bad_csv', `The body is not a well-formed CSV: ${code}${line}.`)
}

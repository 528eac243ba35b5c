import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { RowReader, Table, TableRow } from './exchange-schema.ts'
import { grouped } from './grouping.ts'
import { refusalOf } from './job-rules.ts'
import { linesOf } from './lines.ts'
import { recordsOf, type TableRecord } from './records.ts'
import { type Format, MAX_ROW_BYTES, MAX_UPLOAD_BYTES, type ReceivedRow } from './schema.ts'

export interface Incoming {
  source: NodeJS.ReadableStream
  format: Format
  reader: RowReader
  /** Undefined where there is no table of this kind. */
  table: Table | undefined
  /** What a verdict calls a value. */
  keyOf(value: unknown): string | null
}

type Reading = Pick<Incoming, 'reader' | 'keyOf'>
type Place = Pick<ReceivedRow, 'row' | 'rows'> & { key?: string }

/** A longer key is no key of anything. */
const MAX_KEY_LENGTH = 100

/**
 * The rows of an upload, read and held to their schema, one at a time. Throws what is wrong with the upload as a whole; what is
 * wrong with a row stands in its place.
 */
export function receivedRows({ source, format, table, ...reading }: Incoming): AsyncGenerator<ReceivedRow> {
  const bytes = bounded(source)
  if (format === 'ndjson') return fromLines(bytes, reading)
  if (table) return fromTable(bytes, table, reading)
  throw new Refusal('unsupported', 'unsupported_media_type', 'These rows come as application/x-ndjson only.')
}

/** The source stays open behind what was read of it: a refused upload is answered, not cut off. */
async function* bounded(source: NodeJS.ReadableStream): AsyncGenerator<Buffer> {
  const chunks = (source as unknown as import('node:stream').Readable).iterator({ destroyOnReturn: false })
  let length = 0
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_UPLOAD_BYTES)
      throw new Refusal(
        'too_large',
        'upload_too_large',
        `An upload may have ${MAX_UPLOAD_BYTES / 1_048_576} MiB.`,
      )
    yield chunk
  }
}

async function* fromLines(bytes: AsyncIterable<Buffer>, reading: Reading): AsyncGenerator<ReceivedRow> {
  for await (const { row, bytes: line } of linesOf(bytes)) {
    yield read({ row, rows: 1 }, reading, () => {
      if (!line) throw rowTooLarge()
      return parsedLine(line, reading)
    })
  }
}

function parsedLine(line: Buffer, { reader }: Reading): unknown {
  try {
    return reader.parse(line)
  } catch (error) {
    if (!isRefusal(error, 'bad_json')) throw error
    throw new Refusal('malformed', 'bad_json', 'The row is not valid JSON.')
  }
}

async function* fromTable(
  bytes: AsyncIterable<Buffer>,
  table: Table,
  reading: Reading,
): AsyncGenerator<ReceivedRow> {
  const parse = (json: string) => reading.reader.parse(Buffer.from(json))
  for await (const { row, rows, records } of grouped(recordsOf(bytes, table.columns), table)) {
    const cell = records?.[0]?.cells?.[table.key]
    yield read({ row, rows, ...(cell && { key: cell }) }, reading, () => {
      if (!records) throw rowTooLarge()
      return table.valueOf(wholeRows(records), parse)
    })
  }
}

function wholeRows(records: readonly TableRecord[]): TableRow[] {
  return records.map((record) => {
    if (record.cells) return record
    const { found, wanted } = record
    throw new Refusal(
      'invalid',
      'wrong_number_of_cells',
      `The row has ${found} cells, the header has ${wanted}.`,
    )
  })
}

function read(place: Place, { reader, keyOf }: Reading, make: () => unknown): ReceivedRow {
  let key = place.key ?? null
  try {
    const value = make()
    key = keyIn(value, keyOf) ?? key
    const errors = reader.faultsOf(value)
    if (errors.length > 0)
      throw new Refusal('invalid', 'invalid_row', 'The row does not fit; `errors` names each fault.', {
        errors,
      })
    const text = JSON.stringify(value)
    if (Buffer.byteLength(text) > MAX_ROW_BYTES) throw rowTooLarge()
    return { row: place.row, rows: place.rows, text }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { ...place, key: key?.slice(0, MAX_KEY_LENGTH) ?? null, refusal: refusalOf(error) }
  }
}

/** The key of a value that may be anything. */
function keyIn(value: unknown, keyOf: Reading['keyOf']): string | null {
  try {
    const key: unknown = keyOf(value)
    return typeof key === 'string' ? key : null
  } catch {
    return null
  }
}

function rowTooLarge(): Refusal {
  return new Refusal('too_large', 'row_too_large', `A row may have ${MAX_ROW_BYTES / 1_024} KiB.`)
}

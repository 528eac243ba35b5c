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
}

/**
 * The rows of an upload, read and held to their schema, one at a time. Throws what is wrong with the upload as a whole; what is
 * wrong with a row stands in its place.
 */
export function receivedRows({ source, format, reader, table }: Incoming): AsyncGenerator<ReceivedRow> {
  const bytes = bounded(source)
  if (format === 'ndjson') return fromLines(bytes, reader)
  if (table) return fromTable(bytes, table, reader)
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

async function* fromLines(bytes: AsyncIterable<Buffer>, reader: RowReader): AsyncGenerator<ReceivedRow> {
  for await (const { row, bytes: line } of linesOf(bytes)) {
    yield read({ row, rows: 1 }, reader, () => {
      if (!line) throw rowTooLarge()
      return reader.parse(line)
    })
  }
}

async function* fromTable(
  bytes: AsyncIterable<Buffer>,
  table: Table,
  reader: RowReader,
): AsyncGenerator<ReceivedRow> {
  const parse = (json: string) => reader.parse(Buffer.from(json))
  for await (const { row, rows, records } of grouped(recordsOf(bytes, table.columns), table)) {
    yield read({ row, rows }, reader, () => {
      if (!records) throw rowTooLarge()
      return table.valueOf(wholeRows(records), parse)
    })
  }
}

function wholeRows(records: readonly TableRecord[]): TableRow[] {
  return records.map((record) => {
    if (record.cells) return record
    throw new Refusal(
      'invalid',
      'wrong_number_of_cells',
      'The row has another number of cells than the header.',
    )
  })
}

function read(place: Pick<ReceivedRow, 'row' | 'rows'>, reader: RowReader, make: () => unknown): ReceivedRow {
  try {
    const value = make()
    const errors = reader.faultsOf(value)
    if (errors.length > 0)
      throw new Refusal('invalid', 'invalid_row', 'The row does not fit; `errors` names each fault.', {
        errors,
      })
    const text = JSON.stringify(value)
    if (Buffer.byteLength(text) > MAX_ROW_BYTES) throw rowTooLarge()
    return { ...place, text }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { ...place, refusal: refusalOf(error) }
  }
}

function rowTooLarge(): Refusal {
  return new Refusal('too_large', 'row_too_large', `A row may have ${MAX_ROW_BYTES / 1_024} KiB.`)
}

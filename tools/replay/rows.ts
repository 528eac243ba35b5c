import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'

/** A line of an invoice. */
export interface Row {
  invoice: string
  /** As the file has it, without a zone. */
  at: string
  code: string
  name: string
  quantity: number
  /** Minor units. */
  price: number
  /** Empty for guests. */
  customer: string
  country: string
}

interface Columns {
  invoice: string
  stock_code: string
  description: string
  quantity: string
  invoiced_at: string
  unit_price: string
  customer_id: string
  country: string
}

/** Streams a CSV file, gzip or not; throws when its columns are not those of an invoice file. */
export async function* readRows(file: string): AsyncGenerator<Row> {
  const source = createReadStream(file)
  const text = file.endsWith('.gz')
    ? source.pipe(createGunzip()).on('error', (error) => source.destroy(error))
    : source
  const parser = parse({ columns: true, relax_column_count: false })
  for (const stream of [source, text]) stream.on('error', (error) => parser.destroy(error))
  for await (const columns of text.pipe(parser) as AsyncIterable<Columns>) yield rowOf(columns)
}

function rowOf(columns: Columns): Row {
  const quantity = Number(columns.quantity)
  const price = minorUnits(columns.unit_price)
  if (!columns.invoice || !columns.stock_code || !Number.isInteger(quantity) || Number.isNaN(price)) {
    throw new Error(`This is no line of an invoice: ${JSON.stringify(columns).slice(0, 300)}`)
  }
  return {
    invoice: columns.invoice,
    at: columns.invoiced_at ?? '',
    code: columns.stock_code,
    name: columns.description,
    quantity,
    price,
    customer: columns.customer_id ?? '',
    country: columns.country ?? '',
  }
}

/** `2.55` is 255, read as text because 2.55 * 100 is not; what has fractions of a minor unit keeps them. */
function minorUnits(text: string): number {
  const match = /^(-?)(\d+)(?:\.(\d{1,2})(\d*))?$/.exec(text)
  if (!match) return Number.NaN
  const [, sign, whole, fraction = '', rest = ''] = match
  return Number(`${sign}${whole}${fraction.padEnd(2, '0')}${rest === '' ? '' : `.${rest}`}`)
}

/** Sold goods: no fees, corrections, gifts, cancellations or prices that cannot be paid. */
export function isSale(row: Row): boolean {
  return !isOfCancellation(row) && row.quantity > 0 && isPrice(row) && isGoods(row)
}

export function isOfCancellation(row: Row): boolean {
  return row.invoice.startsWith('C')
}

/** Goods that came back with a cancelled invoice. */
export function isTakenBack(row: Row): boolean {
  return isOfCancellation(row) && row.quantity < 0 && isPrice(row) && isGoods(row)
}

function isPrice({ price }: Row): boolean {
  return price > 0 && Number.isInteger(price)
}

function isGoods({ code }: Row): boolean {
  return /^\d{5}/.test(code)
}

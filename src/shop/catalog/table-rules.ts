import { type Fault, Refusal } from '../../kernel/errors.ts'
import {
  PRODUCT_COLUMNS,
  type ProductRow,
  type Table,
  type TableRow,
  VARIANT_COLUMNS,
} from './import-schema.ts'
import { MAX_VARIANTS } from './schema.ts'

type Cells = TableRow['cells']
type Parse = (json: string) => unknown
type Cell = string | undefined

/** Reads a cell of JSON; notes a fault where it is none. */
interface Reading {
  cells: Cells
  parse: Parse
  faults: Fault[]
}

/**
 * How a table says products. Rows that follow each other with the same slug are one product, a variant a row; what belongs to the
 * product stands in the first of them. An empty cell empties its field where it can be empty, and otherwise leaves it.
 */
export const PRODUCT_TABLE: Table = {
  columns: PRODUCT_COLUMNS,
  group_by: 'slug',
  key: 'sku',
  max_rows: MAX_VARIANTS,
  valueOf(rows, parse) {
    const faults: Fault[] = []
    const first = { cells: rows[0]!.cells, parse, faults }
    const variants = rows.length > 1 || given(first.cells.variant) !== undefined
    assertSame(rows, faults)
    const value = {
      ...productOf(first),
      ...(variants
        ? { variants: rows.map(({ cells }) => variantOf({ cells, parse, faults }, first)) }
        : singleOf(first)),
    }
    if (faults.length === 0) return withoutAbsent(value)
    throw new Refusal('invalid', 'invalid_row', 'The row does not fit; `errors` names each fault.', {
      errors: faults,
    })
  },
}

/** The product as rows of the table. */
export function productRows(row: ProductRow): Record<string, string>[] {
  const product = {
    ...{
      slug: row.slug ?? '',
      name: row.name ?? '',
      description: row.description ?? '',
      status: row.status ?? '',
    },
    ...{ currency: row.price?.currency ?? '', price: text(row.price?.amount) },
    compare_at_price: text(row.compare_at_price?.amount),
    ...{ category_ids: listCell(row.category_ids ?? []), tags: listCell(row.tags ?? []) },
    ...{ attributes: jsonCell(row.attributes ?? {}), options: jsonCell(row.options ?? []) },
  }
  if (!row.variants?.length) return [{ ...product, sku: row.sku ?? '', stock: text(row.stock) }]
  return row.variants.map(({ sku, options, price, stock }, at) => ({
    ...(at === 0 ? product : { slug: product.slug }),
    ...{ sku, variant: JSON.stringify(options), variant_price: text(price?.amount), stock: text(stock) },
  }))
}

function productOf(reading: Reading) {
  const { cells } = reading
  const { description } = cells
  return {
    ...{ slug: given(cells.slug), name: given(cells.name), description, status: given(cells.status) },
    ...{ price: money(cells.price, reading), compare_at_price: noneOrMoney(cells.compare_at_price, reading) },
    ...{ category_ids: listOf('category_ids', reading), tags: listOf('tags', reading) },
    ...{ attributes: json('attributes', reading, {}), options: optionsOf(reading) },
  }
}

function singleOf(reading: Reading) {
  const { cells, faults } = reading
  if (given(cells.variant_price) !== undefined)
    faults.push({
      pointer: '/variant_price',
      code: 'not_allowed',
      message: 'Only a variant has a price of its own.',
    })
  return { sku: given(cells.sku), stock: wholeOf(cells.stock) }
}

function variantOf(reading: Reading, product: Reading) {
  const { cells } = reading
  return withoutAbsent({
    ...{ sku: cells.sku ?? '', options: json('variant', reading, {}), stock: wholeOf(cells.stock) },
    price: noneOrMoney(cells.variant_price, { ...reading, cells: product.cells }),
  })
}

/** What belongs to the product is repeated as it is, or not at all. */
function assertSame(rows: readonly TableRow[], faults: Fault[]): void {
  const [first, ...others] = rows
  for (const { row, cells } of others) {
    for (const [column, cell] of Object.entries(cells)) {
      if (
        cell === '' ||
        cell === first!.cells[column] ||
        (VARIANT_COLUMNS as readonly string[]).includes(column)
      )
        continue
      const message = `Row ${row} says something else than the first row of the product.`
      faults.push({ pointer: `/${column}`, code: 'differs', message })
    }
  }
}

function optionsOf(reading: Reading): unknown {
  // Without a cell they are derived from the variants.
  return given(reading.cells.options) === undefined ? undefined : json('options', reading, [])
}

function given(cell: Cell): Cell {
  return cell === '' ? undefined : cell
}

/** The number, or the text as it is, which the schema then refuses. */
function wholeOf(cell: Cell): number | string | undefined {
  const found = given(cell?.trim())
  if (found === undefined) return undefined
  return /^-?\d{1,15}(\.\d{1,4})?$/.test(found) ? Number(found) : found
}

function money(cell: Cell, { cells, faults }: Reading) {
  const amount = wholeOf(cell)
  if (amount === undefined) return undefined
  const currency = given(cells.currency?.trim())
  if (currency === undefined)
    faults.push({ pointer: '/currency', code: 'required', message: 'A price has a currency.' })
  return { amount, currency }
}

function noneOrMoney(cell: Cell, reading: Reading) {
  return cell === undefined ? undefined : (money(cell, reading) ?? null)
}

/** A JSON array, or texts with bars between them. */
function listOf(column: 'category_ids' | 'tags', reading: Reading): unknown {
  const cell = reading.cells[column]
  if (cell === undefined || cell === '') return cell === undefined ? undefined : []
  return cell.startsWith('[') ? json(column, reading, []) : cell.split('|').map((one) => one.trim())
}

function listCell(list: readonly string[]): string {
  const plain = list.every((one) => one === one.trim() && !one.includes('|')) && !list[0]?.startsWith('[')
  return plain ? list.join('|') : JSON.stringify(list)
}

function json(
  column: 'attributes' | 'options' | 'variant' | 'category_ids' | 'tags',
  reading: Reading,
  empty: unknown,
) {
  const cell = reading.cells[column]
  if (cell === undefined || cell === '') return cell === undefined && column !== 'variant' ? undefined : empty
  try {
    return reading.parse(cell)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    reading.faults.push({ pointer: `/${column}`, code: error.code, message: 'The cell is not valid JSON.' })
    return empty
  }
}

function jsonCell(value: object): string {
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value)
}

function text(number: number | undefined): string {
  return number === undefined ? '' : String(number)
}

function withoutAbsent(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined))
}

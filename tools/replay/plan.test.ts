import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chosenOf } from './chosen.ts'
import { expectedOf } from './expected.ts'
import { ordersOf, planOf } from './plan.ts'
import { type Row, readRows } from './rows.ts'

const REAL_FILE =
  process.env.RETAIL_FILE ??
  fileURLToPath(new URL('../../../shared/data/online-retail.csv.gz', import.meta.url))

function row(invoice: string, code: string, quantity: number, price: number, customer = '12346'): Row {
  return {
    invoice,
    at: '2010-12-01T08:26:00',
    code,
    name: `Name of ${code}`,
    quantity,
    price,
    customer,
    country: 'France',
  }
}

async function* stream(rows: Row[]): AsyncGenerator<Row> {
  yield* rows
}

test('equal lines of an invoice are one, fees and gifts are none', async () => {
  const plan = await planOf(
    stream([
      row('1', '10002', 2, 85),
      row('1', 'POST', 1, 1800),
      row('2', '10002', 1, 95, ''),
      row('1', '10002', 3, 85),
      row('1', '10080', 5, 0),
      row('1', '10120', -5, 21),
    ]),
  )
  assert.deepEqual(
    plan.items.map(({ sku, needed }) => [sku, needed]),
    [
      ['10002-85', 5],
      ['10002-95', 1],
    ],
  )
  assert.equal(plan.products.length, 1)
  assert.deepEqual(
    plan.visits.map(
      (visit) => visit.kind === 'sale' && [visit.invoice, visit.account, visit.guest, visit.lines.length],
    ),
    [
      ['1', '12346', false, 1],
      ['2', '2', true, 1],
    ],
  )
})

test('a cancelled invoice cancels the newest order with the same lines of the same customer, once', async () => {
  const plan = await planOf(
    stream([
      row('1', '10002', 2, 85),
      row('2', '10002', 2, 85),
      row('3', '10002', 2, 85, '99999'),
      row('C4', '10002', -2, 85),
      row('C5', '10002', -1, 85),
      row('C6', '10002', -2, 85),
      row('C7', '10002', -2, 85),
      row('C8', 'D', -1, 500),
    ]),
  )
  assert.deepEqual(
    plan.visits.flatMap((visit) => (visit.kind === 'cancellation' ? [visit.of] : [])),
    ['2', '1'],
  )
  assert.equal(plan.unmatched, 3)
})

test('an invoice of more lines than an order may have is split', async () => {
  const rows = Array.from({ length: 1_112 }, (_, index) => row('1', String(10_000 + index), 1, 100))
  const plan = await planOf(stream(rows))
  const [visit] = plan.visits
  assert.ok(visit?.kind === 'sale')
  assert.deepEqual(
    ordersOf(visit).map(({ length }) => length),
    [500, 500, 112],
  )
  const expected = await expectedOf(stream(rows), chosenOf(plan))
  assert.equal(expected.orders.confirmed, 3)
})

test('a limit takes the first sales and the cancellations before the next one', async () => {
  const plan = await planOf(
    stream([
      row('1', '10002', 2, 85),
      row('C2', '10002', -2, 85),
      row('3', '10002', 1, 85),
      row('C4', '10002', -1, 85),
    ]),
    { limit: 1 },
  )
  assert.deepEqual(
    plan.visits.map(({ invoice }) => invoice),
    ['1', 'C2'],
  )
})

test('a real year has the figures that its description gives', { skip: skipWithout(REAL_FILE) }, async () => {
  const plan = await planOf(readRows(REAL_FILE))
  const sales = plan.visits.filter((visit) => visit.kind === 'sale')
  assert.equal(sales.length, 19_773)
  assert.equal(sales.filter(({ guest }) => guest).length, 1_371)
  assert.equal(new Set(sales.filter(({ guest }) => !guest).map(({ account }) => account)).size, 4_334)
  assert.equal(plan.products.length, 3_900)
  assert.equal(plan.items.length, 14_511)
  const cancellations = plan.visits.length - sales.length
  assert.equal(cancellations + plan.unmatched, 3_836)
  const expected = await expectedOf(readRows(REAL_FILE), { ...chosenOf(plan), cancelled: new Set() })
  assert.equal(expected.revenue, 1_027_103_461)
})

function skipWithout(file: string): string | false {
  return existsSync(file) ? false : `skipped: ${file} is not there (RETAIL_FILE names another place)`
}

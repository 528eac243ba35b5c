import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isByCard, triesOf, type WayBack, wayBackOf, writtenOff } from './card-choices.ts'
import { chosenOf } from './chosen.ts'
import { expectedOf } from './expected.ts'
import { planOf } from './plan.ts'
import type { Row } from './rows.ts'

/** Numbers of invoices, of those that the rules choose. */
function* numbers(prefix: string, chosen: (invoice: string) => boolean): Generator<string, never> {
  for (let number = 540_000; ; number++) if (chosen(`${prefix}${number}`)) yield `${prefix}${number}`
}

const byCard = () => numbers('', isByCard)
const byCash = () => numbers('', (invoice) => !isByCard(invoice))
const back = (way: WayBack) => numbers('C', (invoice) => wayBackOf(invoice) === way)

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

async function planned(rows: Row[]) {
  const plan = await planOf(stream(rows), { pay: 'card' })
  const backs = plan.visits.flatMap((visit) => ('of' in visit ? [[visit.kind, visit.invoice, visit.of]] : []))
  return { plan, backs, expected: await expectedOf(stream(rows), chosenOf(plan)) }
}

test('about every fifth invoice is paid by card, each in one of seven ways that ends with the money', async () => {
  const invoices = Array.from({ length: 2_000 }, (_, index) => String(536_365 + index))
  const chosen = invoices.filter(isByCard)
  assert.ok(chosen.length > 340 && chosen.length < 460, `${chosen.length}`)
  const ways = new Set(chosen.map((invoice) => JSON.stringify(triesOf(invoice))))
  assert.equal(ways.size, 7)
  for (const invoice of chosen) {
    const tries = triesOf(invoice)
    assert.deepEqual(tries, triesOf(invoice))
    assert.equal(
      tries.findIndex(({ refused }) => !refused),
      tries.length - 1,
    )
  }
  const { visits } = await planOf(stream(invoices.map((invoice) => row(invoice, '10002', 1, 85))))
  assert.ok(visits.every((visit) => visit.kind === 'sale' && !visit.by_card))
})

test('a cancelled invoice takes back a part of the newest order by card that has all of it left', async () => {
  const [cards, cash, refunds] = [byCard(), byCash(), back('refund')]
  const [older, newer, foreign] = [cards.next().value, cards.next().value, cards.next().value]
  const invoices = [refunds.next().value, refunds.next().value, refunds.next().value, refunds.next().value]
  const { plan, backs } = await planned([
    row(older, '10002', 5, 85),
    row(older, '10080', 1, 21),
    row(newer, '10002', 3, 85),
    row(newer, '10120', 1, 10),
    row(foreign, '10002', 9, 85, '99999'),
    row(cash.next().value, '10002', 9, 85),
    row(invoices[0]!, '10002', -2, 85),
    row(invoices[1]!, '10002', -2, 85),
    // Another price is another article; what is left of both orders together is left of neither.
    row(invoices[2]!, '10002', -1, 95),
    row(invoices[3]!, '10002', -4, 85),
  ])
  assert.deepEqual(backs, [
    ['refund', invoices[0], newer],
    ['refund', invoices[1], older],
  ])
  assert.equal(plan.unmatched, 2)
})

test('an order of which a part came back is not cancelled as a whole any more, nor the other way round', async () => {
  const [cards, refunds] = [byCard(), back('refund')]
  const [first, second] = [cards.next().value, cards.next().value]
  const invoices = [refunds.next().value, refunds.next().value, refunds.next().value, refunds.next().value]
  const { plan, backs } = await planned([
    row(first, '10002', 5, 85),
    row(second, '10080', 5, 21),
    row(invoices[0]!, '10002', -1, 85),
    row(invoices[1]!, '10002', -5, 85),
    row(invoices[2]!, '10080', -5, 21),
    row(invoices[3]!, '10080', -1, 21),
  ])
  assert.deepEqual(backs, [
    ['refund', invoices[0], first],
    ['cancellation', invoices[2], second],
  ])
  assert.equal(plan.unmatched, 2)
})

test('money, statuses and stock after refunds and returns are counted from the lines', async () => {
  const [cards, refunds, returns] = [byCard(), back('refund'), back('return')]
  const [kept, all, cancelled] = [cards.next().value, cards.next().value, cards.next().value]
  const [refund, whole, part, last] = [
    refunds.next().value,
    refunds.next().value,
    returns.next().value,
    returns.next().value,
  ]
  const other = returns.next().value
  const { expected } = await planned([
    row(kept, '10002', 10, 85),
    row(all, '10080', 4, 21),
    row(all, '10120', 2, 100),
    row(cancelled, '10200', 3, 50),
    row(refund, '10002', -1, 85),
    row(other, '10002', -4, 85),
    row(part, '10080', -4, 21),
    row(last, '10120', -1, 100),
    row(last, '10120', -1, 100),
    row(whole, '10200', -3, 50),
  ])
  assert.deepEqual(expected.orders, { confirmed: 0, cancelled: 1, delivered: 1, returned: 1 })
  assert.equal(expected.statuses.get(kept), 'delivered')
  assert.equal(expected.statuses.get(all), 'returned')
  assert.deepEqual(Object.fromEntries(expected.cards!.money), {
    [kept]: { taken: 850, given_back: 5 * 85 },
    [all]: { taken: 284, given_back: 284 },
    [cancelled]: { taken: 150, given_back: 150 },
  })
  assert.equal(expected.revenue, 850 + 284)
  assert.equal(expected.events.payment_refunded, 5)
  assert.equal(expected.events.order_returned, 1)
  const restocked = (invoice: string, sku: string, quantity: number) =>
    quantity - writtenOff(invoice, sku, quantity)
  assert.deepEqual(Object.fromEntries(expected.returned), {
    '10002-85': restocked(other, '10002-85', 4),
    '10080-21': restocked(part, '10080-21', 4),
    '10120-100': restocked(last, '10120-100', 2),
    '10200-50': 3,
  })
})

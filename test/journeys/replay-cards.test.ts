import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openLedgerFile } from '../../src/payments/test-provider/ledger-file.ts'
import { isByCard, triesOf, type WayBack, wayBackOf } from '../../tools/replay/card-choices.ts'
import { temporaryDirectory } from '../support/storage.ts'
import { HEADER, openShop, replay, WHEN } from './replay-world.ts'

/** Numbers of invoices that nobody has used, of those that the rules of the replay choose. */
function* numbers(prefix: string, chosen: (invoice: string) => boolean): Generator<string, never> {
  for (let number = 540_000; ; number++) if (chosen(`${prefix}${number}`)) yield `${prefix}${number}`
}

/** An invoice by card for each way to pay. */
function invoicesByCard(): string[] {
  const ways = new Map<string, string>()
  const byCard = numbers('', isByCard)
  for (let tries = 0; tries < 500; tries++) {
    const invoice = byCard.next().value
    const way = JSON.stringify(triesOf(invoice))
    if (!ways.has(way)) ways.set(way, invoice)
  }
  return [...ways.values()]
}

/** A small year in which cards are paid in every way, and money comes back in every way. */
function smallYear() {
  const lines = [HEADER]
  const line = (invoice: string, code: string, quantity: number, customer: string, price = '2.55') =>
    lines.push(`${invoice},${code},NAME OF ${code},${quantity},${WHEN},${price},${customer},France`)
  const byCard = invoicesByCard()
  for (const [at, invoice] of byCard.entries()) {
    line(invoice, String(20_000 + at), at + 4, String(12_346 + at))
    line(invoice, '85123A', 2 * at + 4, String(12_346 + at), '1.05')
  }
  const byCash = numbers('', (invoice) => !isByCard(invoice))
  for (const customer of ['', '12346', '12350']) line(byCash.next().value, '20000', 3, customer)
  const cancelled = (way: WayBack) => numbers('C', (invoice) => wayBackOf(invoice) === way)
  const refund = cancelled('refund')
  // A whole order, parts of another one until nothing is left, more than was sold, and a part of an order by cash.
  const whole = refund.next().value
  line(whole, '20000', -4, '12346')
  line(whole, '85123A', -4, '12346', '1.05')
  line(refund.next().value, '20001', -2, '12347')
  const rest = refund.next().value
  line(rest, '85123A', -6, '12347', '1.05')
  line(rest, '20001', -3, '12347')
  line(refund.next().value, '20001', -1, '12347')
  // Parcels that come back: all of an order in two of them, and a part of another.
  const returned = cancelled('return')
  line(returned.next().value, '20002', -6, '12348')
  line(returned.next().value, '85123A', -8, '12348', '1.05')
  const part = returned.next().value
  line(part, '20003', -2, '12349')
  line(part, '85123A', -9, '12349', '1.05')
  line(refund.next().value, '20000', -1, '12350')
  return { content: `${lines.join('\n')}\n`, ways: byCard.length }
}

test('a year with cards ends with the sums of the file, in the orders and at the provider, and again beside itself', async (t) => {
  const { content, ways } = smallYear()
  assert.equal(ways, 7)
  const { shop, path } = await openShop(t, { name: 'year.csv', content })
  const ledger = join(shop.directory, 'test-provider.db')
  const cards = ['--pay', 'card', '--ledger', ledger]
  const { output, status } = await replay(shop, path, ...cards, '--shoppers', '4')
  assert.equal(status, 0, output)
  assert.match(output, /payments by card +7\b/)
  assert.match(output, /payments refused +5\b/)
  assert.match(output, /orders cancelled +1\b/)
  assert.match(output, /refunds of a part +2\b/)
  assert.match(output, /returns of a part +3\b/)
  assert.match(output, /order list: delivered +1 +1\n/)
  assert.match(output, /order list: returned +1 +1\n/)
  assert.match(output, /cancelled invoices unmatched +2\b/)
  assert.match(output, /stats: events payment_refunded +6 +6\n/)
  assert.match(output, /cards by orders: minor units given back +[1-9]/)
  assert.match(output, /cards by provider: minor units given back +[1-9]/)
  const again = await replay(shop, path, ...cards, '--tag', 'second', '--invoices', '2')
  assert.equal(again.status, 0, again.output)
})

test('a provider whose sums differ fails the replay', async (t) => {
  const { shop, path } = await openShop(t, { name: 'year.csv', content: smallYear().content })
  const other = join(temporaryDirectory(t), 'test-provider.db')
  openLedgerFile(other).close()
  const { output, status } = await replay(shop, path, '--pay', 'card', '--ledger', other, '--invoices', '1')
  assert.equal(status, 1, output)
  assert.match(output, /cards by orders: minor units taken +[1-9][\d,]* +[1-9][\d,]*\n/)
  assert.match(output, /cards by provider: minor units taken .* differs/)
  assert.match(output, /cards by provider: invoices that differ +0 +1 {2}differs/)
  const none = await replay(shop, path, '--pay', 'card', '--ledger', path)
  assert.equal(none.status, 1)
  assert.match(none.output, /is not a ledger of the test provider/)
})

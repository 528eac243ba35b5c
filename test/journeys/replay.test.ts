import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { crowd } from '../support/pair.ts'
import { HEADER, openShop, replay, WHEN } from './replay-world.ts'

/** What an order takes. */
const MAX_LINES = 500
/** More than that, and so two orders, where the engine takes so many in a test's time. */
const LONG_INVOICE = crowd(520)

/** A small year, dirty in the ways that a real one is. */
function smallYear(): string {
  const lines = [HEADER]
  const line = (
    invoice: string,
    code: string,
    quantity: number,
    price: string,
    customer = '',
    country = 'EIRE',
  ) =>
    lines.push(
      `${invoice},${code},"NAME OF ${code}, ""SMALL""",${quantity},${WHEN},${price},${customer},${country}`,
    )
  for (let invoice = 0; invoice < 30; invoice++) {
    const customer = invoice % 5 === 0 ? '' : String(12_346 + (invoice % 7))
    for (let at = 0; at <= invoice % 6; at++)
      line(`5${invoice}`, String(20_000 + ((invoice + at) % 9)), at + 1, '2.55', customer)
  }
  line('600', '20001', 2, '2.95', '12346')
  line('600', '20001', 3, '2.95', '12346')
  line('600', 'POST', 1, '18.00', '12346', 'Unspecified')
  line('601', '85123A', 6, '0.85', '12346')
  line('600', '20002', 1, '2.5', '12346')
  line('601', 'PADS', 1, '0.001', '12346')
  lines.push(`602,85123a,nan,4,${WHEN},1.10,12347,Hong Kong`, `603,20003,None,-9,${WHEN},0,,United Kingdom`)
  line('C604', '85123A', -6, '0.85', '12346')
  line('C605', '20001', -1, '2.95', '12346')
  line('C606', 'D', -1, '27.5', '14527')
  for (let at = 0; at < LONG_INVOICE; at++) line('607', String(30_000 + at), 1, '0.42', '12350', 'Germany')
  line('608', '23843', 80_995, '2.08', '16446', 'United Kingdom')
  return `${lines.join('\n')}\n`
}

test('a dirty year replayed through HTTP ends with the numbers of the file, and again beside itself', async (t) => {
  const { shop, path } = await openShop(t, { name: 'year.csv.gz', content: gzipSync(smallYear()) })
  const first = await replay(shop, path, '--shoppers', '8')
  assert.equal(first.status, 0, first.output)
  assert.match(
    first.output,
    LONG_INVOICE > MAX_LINES ? /stats: orders confirmed +35 +35\n/ : /stats: orders confirmed +34 +34\n/,
  )
  assert.match(first.output, /stats: orders cancelled +1 +1\n/)
  assert.match(first.output, /cancelled invoices unmatched +2\b/)
  assert.match(first.output, /The shop says what the file says/)
  const again = await replay(shop, path)
  assert.equal(again.status, 1)
  assert.match(again.output, /--tag/)
  const tagged = await replay(shop, path, '--tag', 'second', '--invoices', '10')
  assert.equal(tagged.status, 0, tagged.output)
})

test('a shop whose numbers differ fails the replay', async (t) => {
  const { shop, path } = await openShop(t, { name: 'year.csv', content: smallYear() })
  const meddler = await shop.registerCustomer()
  const send = () => meddler.post('/events', { type: 'begin_checkout', anonymous_id: 'meddler' })
  const running = replay(shop, path, '--invoices', '3')
  let ended = false
  void running.finally(() => {
    ended = true
  })
  // For as long as the replay goes on, so that some of it falls into the time that is compared.
  while (!ended) await send()
  const { output, status } = await running
  assert.equal(status, 1, output)
  assert.match(output, /events begin_checkout .* differs/)
})

test('a file that is none of invoices is refused with a sentence', async (t) => {
  const { shop, path } = await openShop(t, { name: 'other.csv', content: 'a,b\n1,2\n' })
  const { output, status } = await replay(shop, path)
  assert.equal(status, 1)
  assert.match(output, /no line of an invoice/)
})

test('a year that is taken over as history has the months of the file, and again changes nothing', async (t) => {
  const later = smallYear()
    .split('\n')
    .map((line, at) => (at > 40 ? line.replace(WHEN, '2011-02-03T10:00:00') : line))
  const { shop, path } = await openShop(t, { name: 'year.csv', content: later.join('\n') })
  const first = await replay(shop, path, '--history', '--shoppers', '4')
  assert.equal(first.status, 0, first.output)
  assert.match(first.output, /2010-12: revenue in minor units +(\d[\d,]*) +\1\n/)
  assert.match(first.output, /2011-02: orders +(\d+) +\1\n/)
  const again = await replay(shop, path, '--history')
  assert.equal(again.status, 0, again.output)
  assert.match(again.output, / 0 taken over, [1-9]\d* known before, 0 refused/)
})

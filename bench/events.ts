import { randomUUID } from 'node:crypto'
import { atLeast, atMost, type Benchmark, known } from './row.ts'
import { load, repeated } from './support/load.ts'
import { settled, startShop } from './support/process.ts'
import { logWithEvents } from './support/seed-log.ts'

const STORED = 10_000_000
const OFFERED_PER_SECOND = 5_000
/** Events of one request. */
export const BATCH = 100
const REST =
  '"url":"https://shop.example/products/white-metal-lantern","product_id":"prd_01h455vb4pex5vsknk084sn02q","properties":{"position":4,"list":"category"}}'

/** About 300 bytes an event; written out by hand, since the generator shares the machine with the server. */
export function batch(size: number, visitor: string): string {
  const at = new Date().toISOString()
  let text = ''
  for (let number = 0; number < size; number++) {
    text += `${number === 0 ? '[' : ','}{"type":"view_product","event_id":"${randomUUID()}","timestamp":"${at}","anonymous_id":"${visitor}",${REST}`
  }
  return `${text}]`
}

/** The door on a log that has grown: durable, validated, deduplicated. */
export const events: Benchmark = async ({ runs, seconds }) => {
  const shop = await startShop({ directory: await logWithEvents(STORED) })
  const sending = (size: number) => (visitor: number) => [
    { method: 'POST', path: '/events', body: batch(size, `visitor-${visitor}`) },
  ]
  const rate = async (size: number) =>
    (await repeated(runs, { url: shop.url, seconds, round: sending(size) })).per_second * size
  const hundred = await rate(BATCH)
  const rss = shop.most_rss()
  const caught_up_ms = await settled(shop)
  const fifteen = await rate(15)
  await settled(shop)
  const { p99_ms } = await load({
    url: shop.url,
    seconds,
    round: sending(BATCH),
    rate: OFFERED_PER_SECOND / BATCH,
  })
  await shop.stop()
  return [
    atLeast('POST /events, batches of 100, 10,000,000 stored', hundred, 50_000, 'events/s'),
    known('from the last answer until everything was counted', caught_up_ms, 'ms'),
    atLeast('the same, batches of 15', fifteen, 30_000, 'events/s'),
    atMost('p99 at 5,000 events/s offered', p99_ms, 25, 'ms'),
    atMost('the most memory meanwhile', rss, 400, 'MB'),
  ]
}

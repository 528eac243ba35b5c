import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { atLeast, atMost, type Benchmark } from './row.ts'
import { call } from './support/client.ts'
import { CONNECTIONS, loops, median } from './support/load.ts'
import { startShop } from './support/process.ts'
import { logWithEvents } from './support/seed-log.ts'

const STORED = 10_000_000
const OFFERED_PER_SECOND = 5_000
const BATCH = 100

function batch(size: number, visitor: string) {
  return Array.from({ length: size }, () => ({
    type: 'view_product',
    event_id: randomUUID(),
    timestamp: new Date().toISOString(),
    anonymous_id: visitor,
    url: 'https://shop.example/products/white-metal-lantern?campaign=november',
    product_id: 'prd_01h455vb4pex5vsknk084sn02q',
    properties: { position: 4, list: 'category', colour: 'white' },
  }))
}

/** The door on a log that has grown: durable, validated, deduplicated. */
export const events: Benchmark = async ({ runs, seconds }) => {
  const shop = await startShop({ directory: await logWithEvents(STORED) })
  const send = (size: number) => (worker: number) =>
    call(shop.url, { method: 'POST', path: '/events', body: batch(size, `visitor-${worker}`) })
  const rate = async (size: number) => {
    await loops(CONNECTIONS, 2, send(size))
    const rates: number[] = []
    for (let run = 0; run < runs; run++)
      rates.push((await loops(CONNECTIONS, seconds, send(size))).per_second * size)
    return median(rates)
  }
  const hundred = await rate(BATCH)
  const fifteen = await rate(15)
  const p99 = await offered(seconds, send(BATCH))
  const rss = shop.rss()
  await shop.stop()
  return [
    atLeast('POST /events, batches of 100, 10,000,000 stored', hundred, 50_000, 'events/s'),
    atLeast('the same, batches of 15', fifteen, 30_000, 'events/s'),
    atMost('p99 at 5,000 events/s offered', p99, 25, 'ms'),
    atMost('memory after it', rss, 400, 'MB'),
  ]
}

/** A batch at fixed times, whether or not earlier ones were answered. */
async function offered(seconds: number, send: (worker: number) => Promise<unknown>): Promise<number> {
  const every_ms = (BATCH / OFFERED_PER_SECOND) * 1_000
  const latencies: number[] = []
  const sent: Promise<void>[] = []
  const began = performance.now()
  for (let number = 0; number * every_ms < seconds * 1_000; number++) {
    const due = began + number * every_ms
    await delay(Math.max(0, due - performance.now()))
    sent.push(send(number % CONNECTIONS).then(() => void latencies.push(performance.now() - due)))
  }
  await Promise.all(sent)
  latencies.sort((a, b) => a - b)
  return latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN
}

import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { ALL_COLLECTIONS as collections } from '../src/collections.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { draftOf, sequenced } from '../src/kernel/event.ts'
import { newId } from '../src/kernel/ids.ts'
import { openSqliteStorage } from '../src/storage/sqlite/sqlite-storage.ts'
import { startKafkaServer } from '../test/servers/kafka.ts'
import { BATCH, batch } from './events.ts'
import { atLeast, atMost, type Benchmark, known, type Row, type Settings } from './row.ts'
import { checkouts, prepared } from './shopping.ts'
import { load, repeated } from './support/load.ts'
import { figure, quantile, settled, startShop, temporaryFolder } from './support/process.ts'

const OUTAGE_EVENTS = 1_000_000
const ADDED_AT_ONCE = 1_000
const SUBJECTS = 10_000
const ORDERS_PER_SECOND = 500
/** Each look counts what waits, which takes time from what is measured. */
const LOOK_MS = 500

/** Storage in SQLite, log in Kafka: the door, the relay behind an outage, and how fresh the figures are. */
export const kafka: Benchmark = async (settings) => {
  const broker = await startKafkaServer()
  /** Topics of its own for each shop: a new one would take the events of the last for its own. */
  const onTopics = (topic_prefix: string) => {
    const environment = { KAFKA_BOOTSTRAP_SERVERS: broker.bootstrap, KAFKA_TOPIC_PREFIX: topic_prefix }
    execFileSync(process.execPath, ['tools/setup-kafka.ts'], { env: { ...process.env, ...environment } })
    return environment
  }
  try {
    return [
      ...(await door(onTopics('door-'), settings)),
      ...(await freshness(onTopics('orders-'), settings)),
      ...(await drain(onTopics('outage-'))),
    ]
  } finally {
    await broker.remove()
  }
}

async function door(environment: Record<string, string>, { runs, seconds }: Settings): Promise<Row[]> {
  const shop = await startShop({ environment })
  const round = (visitor: number) => [
    { method: 'POST', path: '/events', body: batch(BATCH, `visitor-${visitor}`) },
  ]
  const { per_second, p99_ms } = await repeated(runs, { url: shop.url, seconds, round })
  const rss = shop.most_rss()
  const counted_ms = await settled(shop)
  await shop.stop()
  return [
    atLeast(
      'POST /events straight to Kafka, batches of 100, acks=all',
      per_second * BATCH,
      20_000,
      'events/s',
    ),
    known('the same, p99 at 64 connections', p99_ms, 'ms'),
    known('from the last answer until everything was counted', counted_ms, 'ms'),
    atMost('the most memory meanwhile', rss, 400, 'MB'),
  ]
}

/** From the commit until a consumer has handled the event, while orders are offered at a steady rate. */
async function freshness(environment: Record<string, string>, { seconds }: Settings): Promise<Row[]> {
  const { shop, tokens, products } = await prepared(environment)
  await settled(shop)
  const product = () => products[Math.floor(Math.random() * products.length)]!
  const round = checkouts(tokens)(product)
  const got = await load({ url: shop.url, seconds, round, rate: ORDERS_PER_SECOND })
  const p99_s = await quantile(shop, 'tradewind_event_age_seconds', 0.99)
  await shop.stop()
  return [
    known('orders taken while 500 a second were offered', got.per_second, '/s'),
    atMost('from the commit until consumers have handled it, p99', p99_s * 1_000, 1_000, 'ms'),
  ]
}

/** What an hour without a broker leaves: entries in the outbox, drained by a shop that starts. */
async function drain(environment: Record<string, string>): Promise<Row[]> {
  const directory = temporaryFolder()
  await fillOutbox(directory)
  const shop = await startShop({ directory, environment })
  const began = performance.now()
  while ((await figure(shop, 'tradewind_outbox_waiting')) > 0) await delay(LOOK_MS)
  const took_ms = performance.now() - began
  const rss = shop.most_rss()
  const counted_ms = await settled(shop)
  await shop.stop()
  return [
    atLeast('outbox → Kafka, 1,000,000 entries', perSecond(took_ms), 20_000, 'events/s'),
    atLeast(
      'the same as the drain of an outage, with the start',
      perSecond(took_ms + shop.start_ms),
      10_000,
      'events/s',
    ),
    atMost('the most memory meanwhile', rss, 256, 'MB'),
    known('from the last entry until consumers have handled all', counted_ms, 'ms'),
  ]
}

function perSecond(ms: number): number {
  return OUTAGE_EVENTS / (ms / 1_000)
}

async function fillOutbox(directory: string): Promise<void> {
  const storage = await openSqliteStorage({ directory, collections, clock: systemClock })
  for (let made = 0; made < OUTAGE_EVENTS; made += ADDED_AT_ONCE) {
    const events = Array.from({ length: ADDED_AT_ONCE }, (_, n) => orderUpdated(made + n))
    await storage.outbox.add(events)
  }
  await storage.close()
}

/** About 400 bytes, the next of its order. */
function orderUpdated(number: number) {
  const id = `ord_01jz${String(number % SUBJECTS).padStart(22, '0')}`
  const draft = draftOf('order_updated', 'ecommerce-orders', {
    id: newId('evt'),
    subject: `orders/${id}`,
    key: id,
    at: Date.now(),
    actor: 'system',
    data: {
      order_id: id,
      user_id: 'usr_01jz0000000000000000000000',
      created_at: new Date().toISOString(),
      status: 'processing',
      payment_status: 'unpaid',
      total: { amount: 4_200, currency: 'USD' },
      status_before: 'confirmed',
      changed: ['status'],
    },
  })
  return sequenced(draft, 1 + Math.floor(number / SUBJECTS))
}

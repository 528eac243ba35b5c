import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { systemClock } from '../../src/kernel/clock.ts'
import { TOPICS } from '../../src/kernel/event.ts'
import type { Log } from '../../src/stream/stream.ts'
import { whyNot } from '../servers/possible.ts'
import type { Answer, Body, Client } from '../support/http-client.ts'
import { everything } from '../support/log.ts'
import { testDatabase } from '../support/mongo.ts'
import { type RunningShop, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { migrate } from './command.ts'
import { type GrownShop, growShop, order } from './grown-shop.ts'
import { EMBEDDED, emptyPair, everyEvent, openOldLog, openShop } from './support.ts'

const skip = whyNot('mongodb') ?? whyNot('kafka') ?? false
/** Past every lease of the old shop. */
const LATER_MS = 60_000

let grown: GrownShop
before(async () => {
  if (!skip) grown = await growShop()
})
after(() => grown?.remove())

describe('A shop that moves to MongoDB and Kafka', { skip }, () => {
  it('is the same shop there, also when the move was killed again and again', async (t) => {
    const { environment, mongodb_url, config, log } = await emptyPair(t)
    const moving = { directory: grown.directory, mongodb_url, environment }
    for (const killAt of [/^ecommerce-inventory/, /^products/, /^roll-ups/, /^Comparing/]) {
      const { status, output } = await migrate({ ...moving, killAt })
      assert.equal(status, null, output)
    }
    await assert.rejects(
      startShop({ config, directory: grown.copyOfFolder() }),
      /holds only a part of a shop that moves into it.*Repeat npm run migrate-storage/,
    )
    const { status, output } = await migrate(moving)
    assert.equal(status, 0, output)
    assert.match(output, /goes on where it was/)
    assert.match(output, /Everything is equal/)
    assert.doesNotMatch(output, /DIFFERENT|a second time/)
    assert.deepEqual(await everyEvent(log), await everyEvent(openOldLog(t, grown.directory)))
    const again = await migrate(moving)
    assert.equal(again.status, 0)
    assert.match(again.output, /has moved already/)

    const elsewhere = await migrate({ ...moving, options: ['--events', '7'] })
    assert.equal(elsewhere.status, 1)
    assert.match(elsewhere.output, /A shop moved into the database .* may have worked there since/)
    assert.doesNotMatch(elsewhere.output, /[Dd]rop/)

    const now = systemClock.now() + LATER_MS
    const clock = { now: () => now }
    const stayed = await openShop(t, {
      directory: grown.copyOfFolder(),
      config: EMBEDDED,
      clock,
    })
    const moved = await openShop(t, { directory: grown.copyOfFolder(), config, clock })
    assert.deepEqual(await answersOf(moved), await answersOf(stayed))
    await goesOn(moved)
  })

  it('moves to MongoDB alone, and goes on with the log that it had', async (t) => {
    const mongodb_url = await testDatabase(t)
    const directory = grown.copyOfFolder()
    const { status, output } = await migrate({ directory, mongodb_url })
    assert.equal(status, 0, output)
    const before = await everyEvent(openOldLog(t, directory))
    const config = { MONGODB_URL: mongodb_url, KAFKA_BOOTSTRAP_SERVERS: undefined }
    const moved = await openShop(t, { directory, config })
    await goesOn(moved)
    const now = await everyEvent(moved.application.log)
    for (const [place, ids] of Object.entries(before)) assert.deepEqual(now[place]?.slice(0, ids.length), ids)
  })
})

/** What people who were signed in before see of the shop. */
async function answersOf(shop: RunningShop): Promise<object[]> {
  const ann = shop.withToken(grown.ann.access_token)
  const staff = shop.withToken(grown.staff.access_token)
  await until(async () => (await staff.get(`/orders/${grown.half}`)).body.status === 'confirmed')
  await shop.caughtUp()
  const asked: [client: Client, paths: string[]][] = [
    [
      shop.asGuest(),
      ['/products', '/products?q=lam', '/products?sort=-sold', `/products/${grown.lamp}`, '/categories'],
    ],
    [ann, ['/cart', '/orders', '/auth/me']],
    [staff, ['/orders', '/admin/stats', `/products/${grown.lamp}/stock`, '/users']],
  ]
  const answers: object[] = []
  for (const [client, paths] of asked) {
    for (const path of paths) {
      const { status, body } = await client.get(path)
      assert.equal(status, 200, path)
      answers.push({ path, body })
    }
  }
  return answers
}

/** Sessions, keys, stock, sequences and roll-ups all go on where they were. */
async function goesOn(shop: RunningShop): Promise<void> {
  const ann = shop.withToken(grown.ann.access_token)
  const staff = shop.withToken(grown.staff.access_token)
  await until(async () => (await staff.get(`/orders/${grown.half}`)).body.status === 'confirmed')
  const again = await ann.post('/orders', order(grown.lamp, 2), { 'idempotency-key': 'first' })
  assert.equal(again.headers.get('idempotent-replayed'), 'true', again.text)
  const refreshed = await shop.asGuest().post('/auth/refresh', { refresh_token: grown.ann.refresh_token })
  assert.equal(refreshed.status, 200, refreshed.text)

  const confirmed = async () => (await staff.get('/admin/stats')).body.orders.by_status.confirmed as number
  await shop.caughtUp()
  const before = await confirmed()
  const placed: Answer = await ann.post('/orders', order(grown.lamp))
  assert.equal(placed.status, 201, placed.text)
  const old = (await ann.get('/orders')).body.items.find(({ status }: Body) => status === 'confirmed')
  assert.equal((await staff.put(`/orders/${old.id}`, { status: 'processing' })).status, 200)
  await shop.caughtUp()
  assert.equal(await confirmed(), before)
  assert.deepEqual(
    shop.application.consumers.parked().map(({ subject }) => subject),
    ['orders/ord_poison'],
  )
  await sequencesWithoutGap(shop.application.log)
}

async function sequencesWithoutGap(log: Log): Promise<void> {
  const last = new Map<string, number>()
  for (const { topic, event } of await everything(log, TOPICS)) {
    if (event.sequence === 0) continue
    const subject = `${topic}/${event.subject}`
    assert.equal(event.sequence, (last.get(subject) ?? 0) + 1, subject)
    last.set(subject, event.sequence)
  }
}

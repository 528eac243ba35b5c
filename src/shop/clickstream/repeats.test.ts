import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { openNodes } from '../../../test/support/several-nodes.ts'
import { newId } from '../../kernel/ids.ts'
import type { Collection, Storage, Stored } from '../../storage/storage.ts'
import { compareRollUp } from '../../stream/compare.ts'
import { FIRST_PLACES } from '../../stream/first-places.ts'
import type { RollUpReaction } from '../../stream/reaction.ts'
import type { ClickstreamRecord } from '../../stream/stream.ts'
import { createClickstream } from './clickstream.ts'
import { clickstreamRepeats, clickstreamRepeatsSeen } from './repeats.ts'
import { CLICKSTREAM_TOPIC } from './schema.ts'

const DAY_MS = 86_400_000
const ULIDS = ['01ARYZ6S41TSV4RRFFQ69G5FAV', '01ARYZ6S41TSV4RRFFQ69G5FAW']

/** How often each visitor was seen doing what. */
function views(name = 'views'): RollUpReaction<Record<string, number>> {
  return {
    kind: 'roll-up',
    name,
    topics: [CLICKSTREAM_TOPIC],
    ids: ({ partitionkey }) => [partitionkey],
    empty: () => ({}),
    apply(body, _id, { type }) {
      body[type] = (body[type] ?? 0) + 1
    },
  }
}

async function openShop(t: TestContext) {
  const nodes = await openNodes(t, { collections: [FIRST_PLACES] })
  const { storage, log } = nodes
  let now = Date.parse('2026-11-23T10:00:00.000Z')
  const clock = { now: () => now }
  const door = createClickstream({ log, rollUps: storage.rollUps, clock })
  const anonymous = { kind: 'anonymous', id: null } as const
  const at = (ms: number) => ULIDS.map((id) => timed(id, ms))
  return {
    ...nodes,
    clock,
    ids: at(now),
    pass: (ms: number) => {
      now += ms
    },
    send: (...events: object[]) =>
      door.take({ body: events, principal: anonymous, ip: '::1', user_agent: undefined }),
    repeats: (over: Pick<Storage, 'collection'> = storage) => clickstreamRepeats({ storage: over, clock }),
    views: async (id: string, name = 'views') =>
      (await storage.rollUps.read(name, [id]))[0]?.body as Record<string, number> | undefined,
  }
}

/** The same ULID at another time. */
function timed(id: string, ms: number): string {
  let time = ''
  for (let rest = ms, n = 0; n < 10; n++, rest = Math.floor(rest / 32))
    time = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[rest % 32] + time
  return time + id.slice(10)
}

const view = (more: object = {}) => ({ type: 'page_view', anonymous_id: 'v', ...more })

describe('events of the clickstream, where the door does not know their ids', () => {
  it('count once for every group and node when a visitor sends them again', async (t) => {
    const shop = await openShop(t)
    const [id, other] = shop.ids
    const reactions = [views(), views('more')]
    const first = await shop.start(reactions, { repeats: shop.repeats() })
    const mine = view({ event_id: 'mine', timestamp: '2026-11-23T09:00:00Z' })
    const answer = await shop.send(view({ event_id: id }), view({ event_id: id }), mine)
    assert.deepEqual(answer, { accepted: 3, duplicates: 0, rejected: [] })
    await first.consumers.caughtUp()
    await first.crash()
    await shop.start(reactions, { repeats: shop.repeats() })
    const second = await shop.start(reactions, { repeats: shop.repeats() })
    await shop.send(view({ event_id: id }), mine, view({ event_id: other }))
    await shop.send(view({ event_id: id, anonymous_id: 'w' }))
    await second.consumers.caughtUp()
    for (const name of ['views', 'more']) {
      assert.deepEqual(await shop.views('v', name), { page_view: 3 })
      assert.deepEqual(await shop.views('w', name), { page_view: 1 })
    }
  })

  it('count each when visitors give no ids, and once when the shop itself sent one again', async (t) => {
    const shop = await openShop(t)
    const sent: ClickstreamRecord[] = []
    const door = createClickstream({
      log: {
        async appendClickstream(records) {
          sent.push(...records)
          return shop.log.appendClickstream(records)
        },
        appendDeadLetters: async () => {},
      },
      rollUps: shop.storage.rollUps,
      clock: shop.clock,
    })
    const body = [view(), view()]
    await door.take({ body, principal: { kind: 'anonymous', id: null }, ip: '::1', user_agent: undefined })
    await shop.log.appendClickstream(sent)
    const { consumers } = await shop.start([views()], { repeats: shop.repeats() })
    await consumers.caughtUp()
    await shop.log.appendClickstream([...sent, ...sent])
    await consumers.caughtUp()
    assert.deepEqual(await shop.views('v'), { page_view: 2 })
  })

  it('count although a crash came between the note of their place and their count', async (t) => {
    const shop = await openShop(t)
    const { rollUps } = shop.storage
    let crashes = 1
    const shaky: typeof rollUps = {
      ...rollUps,
      async write(name, ...rest) {
        if (name === 'views' && crashes-- > 0) throw new Error('died')
        return rollUps.write(name, ...rest)
      },
    }
    await shop.send(view({ event_id: shop.ids[0] }))
    const { consumers } = await shop.start([views()], { repeats: shop.repeats(), rollUps: shaky })
    await consumers.caughtUp()
    assert.deepEqual(await shop.views('v'), { page_view: 1 })
  })

  it('cost a batch one write, and the groups behind it nothing', async (t) => {
    const shop = await openShop(t)
    const calls: string[] = []
    const counting = {
      collection: <T extends Stored>(definition: Parameters<typeof shop.storage.collection<T>>[0]) =>
        counted(shop.storage.collection(definition), calls),
    }
    const placed = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => {
        const id = newId('evt')
        const event = {
          specversion: '1.0',
          source: '',
          dataschema: '',
          actor: 'v',
          subject: 'visitors/v',
        } as const
        const time = '2026-11-23T10:00:00.000Z'
        const rest = { id, type: 'page_view', partitionkey: 'v', sequence: 0, time, data: {} }
        return {
          topic: CLICKSTREAM_TOPIC,
          partition: 3,
          offset: from + n,
          event: { ...event, ...rest },
        } as const
      })
    const repeats = shop.repeats(counting)
    const batch = placed(100, 4_000)
    assert.equal((await repeats.among(batch)).size, 0)
    assert.deepEqual(calls, ['insertMany'])
    assert.equal((await repeats.among(batch.slice(10, 3_000))).size, 0)
    assert.deepEqual(calls, ['insertMany'])
    // Another node has judged the same batch, and one event stands again at its end.
    const copy = { ...batch[7]!, offset: 4_100 }
    const elsewhere = shop.repeats(counting)
    assert.deepEqual([...(await elsewhere.among([...batch.slice(3_500), copy]))], [copy])
    assert.deepEqual(calls, ['insertMany', 'insertMany', 'getMany'])
    assert.deepEqual([...(await elsewhere.among([copy]))], [copy])
    assert.equal(calls.length, 3)
    const next = [...placed(4_101, 5), { ...batch[8]!, offset: 4_106 }]
    for (let again = 0; again < 2; again++)
      assert.deepEqual([...(await elsewhere.among(next))], [next.at(-1)])
    assert.equal(calls.length, 5)
  })

  it('are forgotten after seven days', async (t) => {
    const shop = await openShop(t)
    const repeats = shop.repeats()
    const { consumers } = await shop.start([views()], { repeats })
    await shop.send(view({ event_id: shop.ids[0] }), view(), view())
    await consumers.caughtUp()
    shop.pass(6 * DAY_MS)
    assert.equal(await repeats.sweep(), 0)
    await shop.send(view({ event_id: shop.ids[0] }))
    await consumers.caughtUp()
    assert.deepEqual(await shop.views('v'), { page_view: 3 })
    shop.pass(2 * DAY_MS)
    assert.equal(await repeats.sweep(), 3)
  })

  it('are compared with the log as they were counted, also where their places are forgotten', async (t) => {
    const shop = await openShop(t)
    const { storage, log, ids } = shop
    const { consumers } = await shop.start([views()], { repeats: shop.repeats() })
    await shop.send(view({ event_id: ids[0] }), view(), view({ event_id: ids[0] }))
    await consumers.caughtUp()
    const compare = async () => {
      const repeats = clickstreamRepeatsSeen({ storage })
      return compareRollUp({ reaction: views(), log, rollUps: storage.rollUps, repeats })
    }
    assert.deepEqual((await compare()).differences, [])
    shop.pass(8 * DAY_MS)
    assert.equal(await shop.repeats().sweep(), 2)
    assert.deepEqual((await compare()).differences, [])
    const without = await compareRollUp({ reaction: views(), log, rollUps: storage.rollUps })
    assert.equal(without.differences.length, 1)
  })
})

function counted<T extends Stored>(collection: Collection<T>, calls: string[]): Collection<T> {
  return {
    ...collection,
    insertMany(documents) {
      calls.push('insertMany')
      return collection.insertMany(documents)
    },
    getMany(ids) {
      calls.push('getMany')
      return collection.getMany(ids)
    },
  }
}

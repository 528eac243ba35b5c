import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SUMS } from '../../test/support/consumers.ts'
import { click, type TestEvent } from '../../test/support/log.ts'
import { openNodes, type RunningNode, TRAILS } from '../../test/support/several-nodes.ts'
import { systemClock as clock } from '../kernel/clock.ts'
import type { CollectionDefinition, Storage, Stored } from '../storage/storage.ts'
import { createFirstPlaces, FIRST_PLACES } from './first-places.ts'
import type { AppendReaction, Reaction, RollUpReaction } from './reaction.ts'
import type { ClickstreamRecord } from './stream.ts'

const HISTORIES = 15
const KEYS = 5
const CLICKSTREAM = 'ecommerce-clickstream'

const LEDGER: CollectionDefinition<Stored> = { name: 'ledger', indexes: {} }
const views: RollUpReaction<{ views: number }> = {
  kind: 'roll-up',
  name: 'views',
  topics: [CLICKSTREAM],
  ids: ({ partitionkey }) => ['all', partitionkey],
  empty: () => ({ views: 0 }),
  apply(body) {
    body.views += 1
  },
}

function ledgerOf(storage: Storage): AppendReaction {
  const ledger = storage.collection(LEDGER)
  return {
    kind: 'append',
    name: 'ledger',
    topics: ['ecommerce-orders'],
    async handle(events) {
      const times = { created_at: '2026-11-23T10:00:00.000Z', updated_at: '2026-11-23T10:00:00.000Z' }
      await ledger.insertMany(
        events.map(({ subject, sequence }) => ({ id: `${subject}#${sequence}`, ...times })),
      )
    },
  }
}

const count = fc.integer({ min: 1, max: 25 })
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('tell' as const), count, key: fc.nat(KEYS - 1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tell again' as const), count, back: fc.nat(60) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('click' as const),
      count,
      key: fc.nat(KEYS - 1),
      id: fc.option(fc.nat(8)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('click again' as const), count, back: fc.nat(60) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('rebalance' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), node: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
)

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** Plays a history on two nodes and answers what they have counted, and what a plain fold of it comes to. */
async function play(history: readonly Step[], seed: number) {
  const closing: (() => unknown)[] = []
  const nodes = await openNodes(
    { after: (close: () => unknown) => void closing.unshift(close) },
    { seed, hollowEnd: seed % 2 === 0, collections: [FIRST_PLACES, LEDGER] },
  )
  try {
    return await playOn(nodes, history)
  } finally {
    for (const close of closing) await close()
  }
}

async function playOn(nodes: Awaited<ReturnType<typeof openNodes>>, history: readonly Step[]) {
  const { storage, tell, clicks, rebalance } = nodes
  const reactions: Reaction[] = [SUMS, TRAILS, views, ledgerOf(storage)]
  const start = () => nodes.start(reactions, { repeats: clickRepeats(storage) })
  const running: RunningNode[] = [await start(), await start()]
  const told: TestEvent[] = []
  const clicked: ClickstreamRecord[] = []
  const last = new Map<string, number>()

  for (const one of history) {
    if (one.do === 'tell') {
      const fresh: TestEvent[] = Array.from({ length: one.count }, (_, n) => {
        const key = `k${(one.key + n) % KEYS}`
        last.set(key, (last.get(key) ?? 0) + 1)
        return { key, sequence: last.get(key)!, data: { amount: told.length + n } }
      })
      told.push(...fresh)
      await tell(fresh)
    } else if (one.do === 'tell again') {
      const from = Math.max(0, told.length - one.back)
      await tell(told.slice(from, from + one.count))
    } else if (one.do === 'click') {
      const key = `v${one.key}`
      const fresh = Array.from({ length: one.count }, () => click(key, one.id === null ? null : `${one.id}`))
      clicked.push(...fresh)
      await clicks(fresh)
    } else if (one.do === 'click again') {
      const from = Math.max(0, clicked.length - one.back)
      await clicks(clicked.slice(from, from + one.count))
    } else if (one.do === 'rebalance') rebalance()
    else if (one.do === 'wait') await running[0]!.consumers.caughtUp()
    else {
      await running[one.node]!.crash()
      running[one.node] = await start()
    }
  }
  for (const { consumers } of running) await consumers.caughtUp()
  const parked = running.flatMap(({ consumers }) => consumers.parked())
  return { counted: await countedIn(storage), expected: plainFold(told, clicked), parked }
}

/** As the shop tells repeats: by visitor and client's id, else by the record's. */
function clickRepeats(storage: Storage) {
  return createFirstPlaces({
    ...{ storage, clock, topic: CLICKSTREAM },
    identityOf: ({ id, partitionkey, data }) => ({
      at_ms: 1,
      text:
        (data as { id: string | null }).id === null ? id : `${partitionkey} ${(data as { id: string }).id}`,
    }),
  })
}

async function countedIn({ rollUps, ...storage }: Storage) {
  const bodies = async (name: string) =>
    Object.fromEntries((await rollUps.range(name, { limit: 1_000 })).map(({ id, body }) => [id, body]))
  const sums = await bodies('sums')
  const ledger = storage.collection(LEDGER)
  const ids = Object.entries(sums).flatMap(([key, body]) =>
    Array.from({ length: (body as { count: number }).count + 1 }, (_, n) => `orders/${key}#${n}`),
  )
  return {
    sums,
    trails: await bodies('trails'),
    views: await bodies('views'),
    ledger: (await ledger.getMany(ids)).map(({ id }) => id).sort(),
  }
}

function plainFold(told: readonly TestEvent[], clicked: readonly ClickstreamRecord[]) {
  const sums: Record<string, { count: number; sum: number }> = {}
  const trails: Record<string, { trail: number[] }> = {}
  const seen: Record<string, { views: number }> = {}
  for (const { key, sequence, data } of told) {
    for (const id of ['all', key]) {
      sums[id] ??= { count: 0, sum: 0 }
      sums[id].count += 1
      sums[id].sum += (data as { amount: number }).amount
    }
    trails[key] ??= { trail: [] }
    trails[key].trail.push(sequence!)
  }
  const met = new Set<string>()
  for (const { key, json } of clicked) {
    const { id, data } = JSON.parse(json) as { id: string; data: { id: string | null } }
    const identity = data.id === null ? id : `${key} ${data.id}`
    if (met.has(identity)) continue
    met.add(identity)
    for (const name of ['all', key]) {
      seen[name] ??= { views: 0 }
      seen[name].views += 1
    }
  }
  const ledger = told.map(({ key, sequence }) => `orders/${key}#${sequence}`).sort()
  return { sums, trails, views: seen, ledger }
}

test('whatever is repeated, moved and killed, two nodes count what a plain fold of the events comes to', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 25 }),
      fc.nat(1_000),
      async (history, seed) => {
        const { counted, expected, parked } = await play(history, seed)
        assert.deepEqual(parked, [])
        assert.deepEqual(counted, expected)
      },
    ),
    { numRuns: HISTORIES, endOnFailure: true },
  )
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LeaseDocument } from '../../src/storage/mongo/lease-documents.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { NOTES, note, outboxOf, told } from '../contracts/storage-fixtures.ts'
import { startMongoProxy } from '../servers/mongo-proxy.ts'
import { whyNot } from '../servers/possible.ts'
import { withDatabase } from '../support/mongo.ts'
import { until } from '../support/until.ts'
import { nodesOfOwnServer } from './faults.ts'

const skip = whyNot('mongodb') ?? false

const RANGES = 12
const HOUR_MS = 3_600_000
/** A lease's 5 s, the 1.5 s between two looks and as much again on a busy machine. */
const TAKEN_OVER_MS = 13_000

/** How many ranges each node holds, largest first. */
function shares(url: string): Promise<number[]> {
  return withDatabase(url, async (db) => {
    const leases = await db
      .collection<LeaseDocument>('outbox_leases')
      .find({ range: { $ne: null } })
      .toArray()
    const held = leases.filter(({ owner, until: ends }) => owner !== null && ends > Date.now())
    const owners = Map.groupBy(held, ({ owner }) => owner)
    return [...owners.values()].map((ranges) => ranges.length).sort((a, b) => b - a)
  })
}

async function tell(storage: Storage, count: number): Promise<string[]> {
  const drafts = Array.from({ length: count }, () => note())
  for (const draft of drafts) await storage.collection(NOTES).insert(draft, [told(draft.id, 'inserted')])
  return drafts.map(({ id }) => `notes/${id}`)
}

describe('nodes that share a database', { skip }, () => {
  it('share out the events among them, and what a node gives back when it stops is taken at once', async (t) => {
    const { url, open } = await nodesOfOwnServer(t)
    const first = await open()
    assert.deepEqual(await shares(url), [RANGES])
    const second = await open()
    await until(async () => String(await shares(url)) === '6,6')
    const third = await open()
    await until(async () => String(await shares(url)) === '4,4,4')
    const last = await open()
    await until(async () => String(await shares(url)) === '3,3,3,3')
    const subjects = await tell(first, 30)
    await Promise.all([first.close(), second.close(), third.close()])
    await until(async () => String(await shares(url)) === '12')
    const entries = await outboxOf(last, 30)
    assert.deepEqual(entries.map(({ event }) => event.subject).sort(), subjects.sort())
  })

  it('hand out each event at one of them, wherever it was committed', async (t) => {
    const { url, open } = await nodesOfOwnServer(t)
    const nodes = [await open(), await open()]
    await until(async () => String(await shares(url)) === '6,6')
    const subjects = [...(await tell(nodes[0]!, 20)), ...(await tell(nodes[1]!, 20))]
    const seen: string[][] = [[], []]
    await until(async () => {
      for (const [place, node] of nodes.entries()) {
        const entries = await node.outbox.read(0, 100)
        if (entries.length > 0) await node.outbox.acknowledge(entries.at(-1)!.position)
        seen[place]!.push(...entries.map(({ event }) => event.subject))
      }
      return seen.flat().length >= subjects.length
    })
    assert.deepEqual(seen.flat().sort(), subjects.sort())
    assert.ok(seen.every((some) => some.length > 0))
    assert.deepEqual(await nodes[0]!.outbox.pending(), { count: 0, oldest_at: null })
  })

  it('take what a dead one holds for longer than any lease: it was stamped by a clock that was ahead', async (t) => {
    const { url, open } = await nodesOfOwnServer(t)
    await (await open()).close()
    await withDatabase(url, async (db) => {
      const ahead = { owner: 'run_dead', until: Date.now() + HOUR_MS }
      await db
        .collection<LeaseDocument>('outbox_leases')
        .updateMany({ range: { $ne: null } }, { $set: ahead })
    })
    const left = await open()
    assert.equal((await outboxOf(left, (await tell(left, 5)).length)).length, 5)
  })

  it('take over from one that dies, within seconds, and lose nothing of it', async (t) => {
    const { server, url, open } = await nodesOfOwnServer(t)
    const proxy = await startMongoProxy(server.url)
    const dying = await open({
      through: proxy.url,
      url: { serverSelectionTimeoutMS: '300', socketTimeoutMS: '500' },
    })
    const other = await open()
    await until(async () => String(await shares(url)) === '6,6')
    const moved = await tell(dying, 20)
    const handed = await outboxOf(dying, 1)
    assert.ok(handed.every(({ taken_over }) => taken_over === undefined))
    await proxy.close()
    const begun = performance.now()
    // Committed while nobody holds the ranges of the dead one.
    const meanwhile = await tell(other, 20)
    const entries = await outboxOf(other, 40)
    const took_ms = performance.now() - begun
    assert.deepEqual(entries.map(({ event }) => event.subject).sort(), [...moved, ...meanwhile].sort())
    const sentBefore = new Set(handed.map(({ event }) => event.id))
    for (const { event, taken_over } of entries) if (sentBefore.has(event.id)) assert.equal(taken_over, true)
    assert.ok(took_ms < TAKEN_OVER_MS, `it took ${Math.round(took_ms)} ms`)
    assert.deepEqual(await shares(url), [RANGES])
    t.diagnostic(`taken over after ${Math.round(took_ms)} ms`)
  })
})

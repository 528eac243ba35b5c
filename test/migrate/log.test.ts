import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { partitionOf } from '../../src/kernel/partition.ts'
import type { OutboxEntry } from '../../src/storage/outbox.ts'
import type { EmbeddedLog } from '../../src/stream/embedded/embedded-log.ts'
import { copyPartition } from '../../tools/migrate/copy-log.ts'
import { matchPartition } from '../../tools/migrate/match.ts'
import { moveLog } from '../../tools/migrate/move-log.ts'
import { newestFrom } from '../../tools/migrate/newest.ts'
import { movedFence, movedOffset } from '../../tools/migrate/offsets.ts'
import { click, openTestLog, outboxEntry } from '../support/log.ts'

const TOPIC = 'ecommerce-orders'
const KEY = 'ord_1'
const PLACE = { topic: TOPIC, partition: partitionOf(KEY) } as const

const entries = (from: number, to: number): OutboxEntry[] =>
  Array.from({ length: to - from + 1 }, (_, index) =>
    outboxEntry(from + index, { key: KEY, sequence: from + index }),
  )

async function twoLogs(t: TestContext, events: readonly OutboxEntry[]) {
  const { log: old } = await openTestLog(t)
  const { log: fresh } = await openTestLog(t)
  await old.appendOutbox(events)
  return { old, fresh }
}

/** A log that confirms as Kafka does: what is sent again stands in it again. */
function forgetful(log: EmbeddedLog) {
  let position = 0
  return {
    appendOutbox: (sent: readonly OutboxEntry[]) =>
      log.appendOutbox(sent.map((entry) => ({ ...entry, position: ++position }))),
  }
}

describe('A log that moves', () => {
  it('has the same events in the same order, and the copy goes on where it was broken off', async (t) => {
    const { old, fresh } = await twoLogs(t, entries(1, 2_500))
    const copying = { old, fresh: forgetful(fresh), place: PLACE, onCopied() {} }
    const stop = { ...copying.fresh }
    let appends = 0
    stop.appendOutbox = async (sent) => {
      if (++appends > 2) throw new Error('killed')
      await copying.fresh.appendOutbox(sent)
    }
    await assert.rejects(copyPartition({ ...copying, fresh: stop, from: 0 }), /killed/)
    const broken = await matchPartition({ old, fresh }, PLACE)
    assert.ok(broken.from > 0 && broken.from < 2_500)

    await copyPartition({ ...copying, from: broken.from })
    const whole = await matchPartition({ old, fresh }, PLACE)
    assert.deepEqual(whole.runs, [{ from: 0, to: 0, count: 2_500 }])
    assert.equal(whole.copies, 0)
    assert.equal(whole.from, 2_500)
    assert.deepEqual(whole.fresh, whole.old)
    assert.equal(whole.old.count, 2_500)
  })

  it('keeps each reader at its event when an append stands twice in the new one', async (t) => {
    const events = entries(1, 10)
    const { old, fresh } = await twoLogs(t, events)
    const target = forgetful(fresh)
    await target.appendOutbox(events.slice(0, 6))
    await target.appendOutbox(events.slice(3))
    const { runs, copies, from, ...digests } = await matchPartition({ old, fresh }, PLACE)
    assert.equal(copies, 3)
    assert.equal(from, 10)
    assert.deepEqual(digests.fresh, digests.old)

    const there = (await fresh.read(TOPIC, PLACE.partition, 0, 100)).map(({ json }) => JSON.parse(json).id)
    for (let read = 0; read < 10; read++) {
      const next = there.slice(movedOffset(runs, read)).filter((id) => !ids(events.slice(0, read)).has(id))
      assert.equal(next[0], events[read]!.event.id, `who had read ${read}`)
    }
    assert.equal(movedOffset(runs, 10), 13)
  })

  it('carries what retention has left, and who had not read the rest begins with that', async (t) => {
    const { old, fresh } = await twoLogs(t, entries(1, 5))
    await forgetful(fresh).appendOutbox((await old.read(TOPIC, PLACE.partition, 2, 10)).map(again))
    const left = { ...old, ends: async () => [{ ...PLACE, first: 2, next: 5 }] }
    const { runs } = await matchPartition({ old: left, fresh }, PLACE)
    assert.deepEqual(
      [0, 2, 3, 5].map((offset) => movedOffset(runs, offset)),
      [0, 0, 1, 3],
    )
    const moved = new Map([[`${TOPIC}/${PLACE.partition}`, runs]])
    assert.deepEqual(movedFence(moved, { [`${TOPIC}/${PLACE.partition}`]: 4, generation: 4 }), {
      [`${TOPIC}/${PLACE.partition}`]: 2,
      generation: 4,
    })
  })

  it('is not called moved while the new one shows less than it confirmed', async (t) => {
    const { old, fresh } = await twoLogs(t, entries(1, 100))
    const { log: whole } = await openTestLog(t)
    const target = { ...whole, ...forgetful(whole) }
    let shown = 70
    const short = {
      ...target,
      ends: async (topics: Parameters<typeof whole.ends>[0]) =>
        (await target.ends(topics)).map((end) => ({ ...end, next: Math.min(end.next, shown) })),
    }
    await assert.rejects(
      moveLog({ old, fresh: short }, () => {}),
      /event at 70 of the old log, of 100, is missing/,
    )

    const late = { ...fresh, ...forgetful(fresh), ends: short.ends }
    let looks = 0
    late.ends = async (topics) => {
      if (topics.length === 1 && ++looks > 2) shown = 100
      return (await fresh.ends(topics)).map((end) => ({ ...end, next: Math.min(end.next, shown) }))
    }
    const moved = await moveLog({ old, fresh: late }, () => {})
    assert.equal(
      moved.find(({ partition, topic }) => topic === TOPIC && partition === PLACE.partition)?.from,
      100,
    )
    assert.ok(looks > 2)
  })

  it('leaves out a damaged text, which nobody could read, and says where it stood', async (t) => {
    const events = entries(1, 3)
    const { old, fresh } = await twoLogs(t, [events[0]!, { ...events[1]!, json: '{"id":"evt_' }, events[2]!])
    await copyPartition({ old, fresh: forgetful(fresh), place: PLACE, from: 0, onCopied() {} })
    const { runs, damaged, ...digests } = await matchPartition({ old, fresh }, PLACE)
    assert.deepEqual(damaged, [1])
    assert.deepEqual(digests.fresh, digests.old)
    assert.deepEqual(
      [0, 1, 2, 3].map((offset) => movedOffset(runs, offset)),
      [0, 1, 1, 2],
    )
  })

  it('is not appended to topics that hold the events of another shop', async (t) => {
    const { old, fresh } = await twoLogs(t, entries(1, 3))
    await forgetful(fresh).appendOutbox(entries(1, 1))
    await assert.rejects(matchPartition({ old, fresh }, PLACE), /not of this shop's log.*KAFKA_TOPIC_PREFIX/)
  })

  it('differs in its digest when the text of one event was changed', async (t) => {
    const events = entries(1, 3)
    const { old, fresh } = await twoLogs(t, events)
    const changed = { ...events[1]!.event, data: { changed: true } }
    const sent = [events[0]!, { ...events[1]!, json: JSON.stringify(changed) }, events[2]!]
    await forgetful(fresh).appendOutbox(sent)
    const digests = await matchPartition({ old, fresh }, PLACE)
    assert.equal(digests.fresh.count, digests.old.count)
    assert.notEqual(digests.fresh.hash, digests.old.hash)
  })
})

describe('The newest clickstream', () => {
  it('is taken from all partitions by the time of arrival, so many events and no more', async (t) => {
    const { log } = await openTestLog(t)
    const arrivals = Array.from({ length: 2_000 }, (_, index) => new Date(1e12 + index * 1_000).toISOString())
    const views = arrivals.map((received_at, index) => click(`v${index % 97}`, null, 0, { received_at }))
    for (let from = 0; from < views.length; from += 500)
      await log.appendClickstream(views.slice(from, from + 500))
    const chosen: string[] = []
    for (const [partition, from] of await newestFrom(log, 'ecommerce-clickstream', 700)) {
      const records = await log.read('ecommerce-clickstream', partition, from, 2_000)
      chosen.push(...records.map(({ json }) => JSON.parse(json).data.received_at))
    }
    assert.equal(chosen.length, 700)
    // Fifty of each partition at a time.
    assert.ok(chosen.every((received_at) => received_at >= arrivals[2_000 - 700 - 12 * 50]!))
    const everything = await newestFrom(log, 'ecommerce-clickstream', 1e6)
    assert.deepEqual([...everything.values()], Array(12).fill(0))
  })
})

function ids(events: readonly OutboxEntry[]): Set<string> {
  return new Set(events.map(({ event }) => event.id))
}

function again({ offset, json }: { offset: number; json: string }): OutboxEntry {
  return { position: offset + 1, topic: TOPIC, event: JSON.parse(json), json }
}

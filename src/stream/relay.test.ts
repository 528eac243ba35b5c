import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { everything, keepingLogger, openTestLog, outboxEntry, SILENT } from '../../test/support/log.ts'
import { memoryOutbox } from '../../test/support/outbox.ts'
import { until } from '../../test/support/until.ts'
import { systemClock as clock } from '../kernel/clock.ts'
import { logUnavailable } from './log-unavailable.ts'
import { startRelay } from './relay.ts'
import type { Log } from './stream.ts'

const TOPICS = ['ecommerce-orders', 'ecommerce-inventory'] as const

function events(from: number, count: number, subjects = 7) {
  return Array.from({ length: count }, (_, n) => {
    const position = from + n
    const key = `k${position % subjects}`
    return outboxEntry(position, {
      key,
      sequence: Math.ceil(position / subjects),
      topic: TOPICS[position % 2]!,
    })
  })
}

async function assertComplete(log: Log, entries: ReturnType<typeof events>): Promise<void> {
  const found = await everything(log, TOPICS)
  assert.equal(found.length, entries.length)
  for (const topic of TOPICS) {
    const subjects = new Set(entries.map(({ event }) => event.subject))
    for (const subject of subjects) {
      const ids = (list: { topic: string; event: { subject: string; id: string } }[]) =>
        list
          .filter((one) => one.topic === topic && one.event.subject === subject)
          .map(({ event }) => event.id)
      assert.deepEqual(ids(found), ids(entries))
    }
  }
}

describe('the relay', () => {
  it('is woken by a commit, keeps the order of each subject and forgets what the log confirmed', async (t) => {
    const { log } = await openTestLog(t)
    const { outbox, commit, waiting } = memoryOutbox()
    const relay = startRelay({ outbox, log, clock, logger: SILENT })
    const all = events(1, 5_000)
    for (let from = 0; from < all.length; from += 111) {
      commit(...all.slice(from, from + 111))
      if (from % 333 === 0) await new Promise(setImmediate)
    }
    await until(() => waiting() === 0)
    await assertComplete(log, all)
    assert.deepEqual(await relay.health(), { waiting: 0, oldest_age_ms: 0, last_error: null })
    await relay.stop()
  })

  it('does not repeat what it appended before a crash kept it from acknowledging', async (t) => {
    const { log } = await openTestLog(t)
    const { outbox, commit, waiting } = memoryOutbox()
    const all = events(1, 300)
    commit(...all.slice(0, 200))
    const crashed = startRelay({
      outbox: { ...outbox, acknowledge: () => new Promise(() => {}) },
      log,
      clock,
      logger: SILENT,
    })
    await until(async () => (await log.outboxPosition()) === 200)
    void crashed
    commit(...all.slice(200))
    const relay = startRelay({ outbox, log, clock, logger: SILENT })
    await relay.drain()
    assert.equal(waiting(), 0)
    await assertComplete(log, all)
    await relay.stop()
  })

  it('waits while the log is away, says so, and then sends everything in order', async (t) => {
    const { log } = await openTestLog(t)
    const { outbox, commit, waiting } = memoryOutbox()
    let away = true
    let failures = 0
    const relay = startRelay({
      outbox,
      log: {
        ...log,
        appendOutbox: (entries) =>
          away ? Promise.reject(logUnavailable('a test')) : log.appendOutbox(entries),
      },
      clock,
      logger: SILENT,
      onFailure: () => {
        failures += 1
      },
    })
    const all = events(1, 3_000)
    commit(...all)
    await until(() => failures >= 2)
    const health = await relay.health()
    assert.equal(health.waiting, 3_000)
    assert.match(health.last_error!, /a test/)
    away = false
    await until(() => waiting() === 0)
    assert.equal((await relay.health()).last_error, null)
    await assertComplete(log, all)
    await relay.stop()
  })

  it('loses nothing when two of them work on one outbox', async (t) => {
    const { log } = await openTestLog(t)
    const { outbox, commit, waiting } = memoryOutbox()
    const all = events(1, 4_000)
    const relays = [0, 1].map(() => startRelay({ outbox, log, clock, logger: SILENT }))
    for (let from = 0; from < all.length; from += 97) {
      commit(...all.slice(from, from + 97))
      await new Promise(setImmediate)
    }
    await until(() => waiting() === 0)
    await assertComplete(log, all)
    for (const relay of relays) await relay.stop()
  })

  it('names what it sends again to a log that does not remember', async () => {
    const { outbox, commit, waiting } = memoryOutbox()
    const { logger, lines } = keepingLogger()
    const sent: string[] = []
    const republished: [number, string][] = []
    let timeouts = 1
    commit(...events(1, 2))
    const relay = startRelay({
      outbox,
      log: {
        outboxPosition: async () => null,
        async appendOutbox(entries) {
          sent.push(...entries.map(({ event }) => event.id))
          if (entries.length > 2 && timeouts-- > 0) throw logUnavailable('an unknown outcome')
        },
      },
      clock,
      logger,
      onRepublished: (count, reason) => republished.push([count, reason]),
    })
    await until(() => waiting() === 0)
    commit(...events(3, 3))
    await until(() => waiting() === 0 && sent.length === 8)
    assert.deepEqual(republished, [
      [2, 'start'],
      [3, 'unconfirmed'],
    ])
    const named = lines.filter(({ message }) => message === 'events are sent again')
    assert.deepEqual((named[0]!.details as { events: string[] }).events, [
      'ecommerce-inventory/orders/k1/1',
      'ecommerce-orders/orders/k2/1',
    ])
    await relay.stop()
  })

  it('stops in time although a log that has stopped to answer is being offered what it refused', async () => {
    const { outbox } = memoryOutbox()
    const { promise: offered, resolve } = Promise.withResolvers<void>()
    const relay = startRelay({
      outbox,
      log: { outboxPosition: async () => null, async appendOutbox() {} },
      held: {
        subjects: async () => new Set<string>(),
        async takeOver() {},
        async takeBehind() {},
        release: (_, signal) =>
          new Promise((_, reject) => {
            signal?.addEventListener('abort', () => reject(logUnavailable('it was given up')))
            resolve()
          }),
      },
      clock,
      logger: SILENT,
    })
    await offered
    await relay.stop()
  })

  it('names what it sends again because the outbox could not be told of it', async () => {
    const { outbox, commit, waiting } = memoryOutbox()
    const sent: string[] = []
    const republished: [number, string][] = []
    let away = true
    const relay = startRelay({
      outbox: {
        ...outbox,
        async acknowledge(through) {
          if (away) throw new Error('the storage is away')
          await outbox.acknowledge(through)
        },
      },
      log: {
        outboxPosition: async () => null,
        appendOutbox: async (entries) => void sent.push(...entries.map(({ event }) => event.id)),
      },
      clock,
      logger: SILENT,
      onRepublished: (count, reason) => republished.push([count, reason]),
    })
    commit(...events(1, 3))
    await until(() => sent.length === 3)
    away = false
    await until(() => waiting() === 0)
    assert.equal(sent.length, 6)
    assert.deepEqual(republished.at(-1), [3, 'unconfirmed'])
    await relay.stop()
  })

  it('finishes its batch when it stops and leaves the rest for the next start', async (t) => {
    const { log } = await openTestLog(t)
    const { outbox, commit, waiting } = memoryOutbox()
    const release = Promise.withResolvers<void>()
    let appending = 0
    const relay = startRelay({
      outbox,
      log: {
        ...log,
        async appendOutbox(entries) {
          appending += 1
          await release.promise
          await log.appendOutbox(entries)
        },
      },
      clock,
      logger: SILENT,
    })
    commit(...events(1, 5_000))
    await until(() => appending === 1)
    const stopped = relay.stop()
    release.resolve()
    await stopped
    assert.equal(appending, 1)
    assert.equal(waiting(), 5_000 - (await log.outboxPosition())!)
    assert.ok(waiting() > 0)
  })
})

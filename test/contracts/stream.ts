import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { isRefusal } from '../../src/kernel/errors.ts'
import { PARTITIONS } from '../../src/kernel/event.ts'
import { partitionOf } from '../../src/kernel/partition.ts'
import type { Log, LogBatch } from '../../src/stream/stream.ts'
import { click, everything, outboxEntry, testEvent } from '../support/log.ts'
import { until } from '../support/until.ts'

export interface OpenedLog {
  log: Log
  /** Closes it and opens the same log again. */
  reopen(): Promise<Log>
}

const TOPIC = 'ecommerce-orders'

/**
 * What every engine of the stream port must do; `open` gives an empty log that ends with the test. `why_not`: the reason
 * for which this machine cannot have the engine.
 */
export function streamContract(
  name: string,
  open: (t: TestContext) => Promise<OpenedLog>,
  why_not?: string,
): void {
  describe(`the stream on ${name}`, { skip: why_not ?? false }, () => {
    it('keeps the events of one key in their order, on the partition that the Java client would choose', async (t) => {
      const { log } = await open(t)
      const keys = Array.from({ length: 40 }, (_, n) => `ord_${n}`)
      const entries = Array.from({ length: 400 }, (_, n) =>
        outboxEntry(n + 1, { key: keys[n % 40]!, sequence: Math.floor(n / 40) + 1 }),
      )
      await log.appendOutbox(entries.slice(0, 150))
      await log.appendOutbox(entries.slice(150))
      const found = await everything(log, [TOPIC])
      assert.equal(found.length, 400)
      for (const { partition, event } of found) assert.equal(partition, partitionOf(event.partitionkey))
      for (const key of keys) {
        const sequences = found
          .filter(({ event }) => event.partitionkey === key)
          .map(({ event }) => event.sequence)
        assert.deepEqual(
          sequences,
          Array.from({ length: 10 }, (_, n) => n + 1),
        )
      }
    })

    it('gives back every attribute and all of the data as they were', async (t) => {
      const { log } = await open(t)
      const entry = outboxEntry(1, {
        key: 'ord_ü',
        data: { text: 'Größe\n"1" 😀\u2028', deep: { list: [1, 2.5, null, true] } },
      })
      await log.appendOutbox([entry])
      const [found] = await everything(log, [TOPIC])
      assert.deepEqual(found!.event, entry.event)
    })

    it('counts offsets without gaps from zero and answers from the middle', async (t) => {
      const { log } = await open(t)
      const entries = Array.from({ length: 100 }, (_, n) =>
        outboxEntry(n + 1, { key: 'one', sequence: n + 1 }),
      )
      for (let from = 0; from < 100; from += 7) await log.appendOutbox(entries.slice(from, from + 7))
      const partition = partitionOf('one')
      const middle = await log.read(TOPIC, partition, 33, 10)
      assert.deepEqual(
        middle.map(({ offset }) => offset),
        Array.from({ length: 10 }, (_, n) => 33 + n),
      )
      assert.deepEqual(await log.read(TOPIC, partition, 100, 10), [])
      const [end] = (await log.ends([TOPIC])).filter((one) => one.partition === partition)
      assert.deepEqual([end!.first, end!.next], [0, 100])
      assert.equal((await log.ends([TOPIC])).length, PARTITIONS)
    })

    it('has all that was confirmed after it was opened again', async (t) => {
      const opened = await open(t)
      await opened.log.appendOutbox([outboxEntry(1, { key: 'a' }), outboxEntry(2, { key: 'b' })])
      await opened.log.appendClickstream([click('v', 'one')])
      await opened.log.appendDeadLetters([testEvent({ key: 'x', type: 'consumer_rejected' })])
      const log = await opened.reopen()
      assert.equal((await everything(log, [TOPIC])).length, 2)
      assert.equal((await everything(log, ['ecommerce-clickstream'])).length, 1)
      assert.equal((await everything(log, ['ecommerce-dead-letters'])).length, 1)
      await log.appendOutbox([outboxEntry(3, { key: 'a', sequence: 2 })])
      assert.equal((await everything(log, [TOPIC])).length, 3)
    })

    it('has an outbox batch that is sent again once where it remembers, and at most twice where it cannot', async (t) => {
      const opened = await open(t)
      const entries = Array.from({ length: 30 }, (_, n) =>
        outboxEntry(n + 1, { key: `k${n % 5}`, sequence: 1 + Math.floor(n / 5) }),
      )
      await opened.log.appendOutbox(entries.slice(0, 20))
      const log = await opened.reopen()
      await log.appendOutbox(entries)
      const found = await everything(log, [TOPIC])
      const position = await log.outboxPosition()
      if (position === null) assert.ok(found.length >= 30 && found.length <= 50)
      else assert.deepEqual([position, found.length], [30, 30])
      assert.equal(new Set(found.map(({ event }) => event.id)).size, 30)
    })

    it('keeps the order of appends that are made at once', async (t) => {
      const { log } = await open(t)
      const requests = Array.from({ length: 50 }, (_, n) => [
        click('visitor', `${n}a`),
        click('visitor', `${n}b`),
      ])
      const verdicts = await Promise.all(requests.map((events) => log.appendClickstream(events)))
      assert.ok(verdicts.flat().every((verdict) => verdict === 'accepted'))
      const ids = (await everything(log, ['ecommerce-clickstream'])).map(
        ({ event }) => (event.data as { id: string }).id,
      )
      assert.deepEqual(
        ids,
        requests.flatMap((_, n) => [`${n}a`, `${n}b`]),
      )
    })

    it('hands a group everything from its position on and goes on with what comes later', async (t) => {
      const { log } = await open(t)
      const seen: string[] = []
      await log.appendOutbox([1, 2, 3, 4].map((n) => outboxEntry(n, { key: 'k', sequence: n })))
      const subscription = log.subscribe({
        group: 'contract',
        topics: [TOPIC],
        linger_ms: 1,
        position: async (_topic, partition) => (partition === partitionOf('k') ? 2 : 0),
        handle: async (batches) => {
          seen.push(...sequences(batches))
        },
        onError: assert.ifError,
      })
      await until(() => seen.length === 2)
      await log.appendOutbox([outboxEntry(5, { key: 'k', sequence: 5 })])
      await until(() => seen.length === 3)
      await until(async () => (await subscription.lag()) === 0)
      assert.deepEqual(seen, ['3', '4', '5'])
      await subscription.stop()
    })

    it('hands a batch over again when it was refused, without skipping and without overtaking', async (t) => {
      const { log } = await open(t)
      const seen: string[] = []
      let refusals = 0
      await log.appendOutbox([1, 2, 3].map((n) => outboxEntry(n, { key: 'k', sequence: n })))
      const subscription = log.subscribe({
        group: 'stubborn',
        topics: [TOPIC],
        linger_ms: 1,
        position: async () => 0,
        handle: async (batches) => {
          if (refusals < 2) throw new Error('not yet')
          seen.push(...sequences(batches))
        },
        onError: () => {
          refusals += 1
        },
      })
      await until(() => seen.length === 3)
      assert.deepEqual(seen, ['1', '2', '3'])
      assert.equal(refusals, 2)
      await subscription.stop()
    })

    it('finishes the batch in hand when a group stops, and hands out no other', async (t) => {
      const { log } = await open(t)
      await log.appendOutbox([outboxEntry(1, { key: 'k' })])
      const gate = Promise.withResolvers<void>()
      let began = 0
      let ended = 0
      const subscription = log.subscribe({
        group: 'stopping',
        topics: [TOPIC],
        linger_ms: 1,
        position: async () => 0,
        handle: async () => {
          began += 1
          await gate.promise
          ended += 1
        },
        onError: assert.ifError,
      })
      await until(() => began === 1)
      const stopped = subscription.stop()
      await log.appendOutbox([outboxEntry(2, { key: 'k', sequence: 2 })])
      assert.equal(ended, 0)
      gate.resolve()
      await stopped
      assert.deepEqual([began, ended], [1, 1])
    })

    it('confirms what it took before it closes and refuses what comes after', async (t) => {
      const opened = await open(t)
      const { log } = opened
      const taken = Array.from({ length: 20 }, (_, n) => log.appendClickstream([click('v', `c${n}`)]))
      const closed = opened.reopen()
      await Promise.all(taken)
      const again = await closed
      await assert.rejects(log.appendClickstream([click('v', 'late')]), (error) =>
        isRefusal(error, 'log_unavailable'),
      )
      assert.equal((await everything(again, ['ecommerce-clickstream'])).length, 20)
    })

    it('says that it is well', async (t) => {
      const { log } = await open(t)
      await log.check()
    })
  })
}

function sequences(batches: readonly LogBatch[]): string[] {
  return batches.flatMap(({ records }) =>
    records.map(({ json }) => String((JSON.parse(json) as { sequence: number }).sequence)),
  )
}

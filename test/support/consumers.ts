import type { TestContext } from 'node:test'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import type { RollUps } from '../../src/storage/roll-ups.ts'
import { type Consumers, startConsumers } from '../../src/stream/consumers.ts'
import type { Reaction, RollUpReaction } from '../../src/stream/reaction.ts'
import type { Log } from '../../src/stream/stream.ts'
import { openTestLog, outboxEntry, SILENT, type TestEvent } from './log.ts'
import { openTestStorage } from './storage.ts'

/** Counts events and adds up an amount, by key and in all: enough to see every event counted once. */
export const SUMS: RollUpReaction<{ count: number; sum: number }> = {
  kind: 'roll-up',
  name: 'sums',
  topics: ['ecommerce-orders'],
  ids: (event) => ['all', event.partitionkey],
  empty: () => ({ count: 0, sum: 0 }),
  apply(body, _id, event) {
    const { amount = 1, poison } = event.data as { amount?: number; poison?: boolean }
    if (poison) throw new Error('cannot be folded')
    body.count += 1
    body.sum += amount
  },
}

/** A log with a storage beside it, and consumers that stop with the test. */
export async function openStream(t: TestContext) {
  const { log, reopen } = await openTestLog(t)
  const { storage, directory } = await openTestStorage(t, [])
  const running = new Set<Consumers>()
  // Consumers end before the log and the storage they stand on.
  t.after(() => Promise.all([...running].map((consumers) => consumers.stop())))
  let position = 0
  return {
    log,
    storage,
    directory,
    reopen,
    async tell(events: readonly TestEvent[]): Promise<void> {
      await log.appendOutbox(events.map((event) => outboxEntry(++position, event)))
    },
    async start(
      reactions: readonly Reaction[],
      given: { rollUps?: RollUps; log?: Log } = {},
    ): Promise<Consumers> {
      const options = {
        log,
        rollUps: storage.rollUps,
        reactions,
        clock,
        logger: SILENT,
        linger_ms: 1,
        ...given,
      }
      const consumers = await startConsumers(options)
      running.add(consumers)
      return consumers
    },
  }
}

export async function bodyOf(rollUps: RollUps, name: string, id: string): Promise<unknown> {
  return (await rollUps.read(name, [id]))[0]?.body
}

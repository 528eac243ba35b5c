import type { TestContext } from 'node:test'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import type { Logger } from '../../src/kernel/logger.ts'
import type { RollUps } from '../../src/storage/roll-ups.ts'
import type { SqliteStorageOptions } from '../../src/storage/sqlite/sqlite-storage.ts'
import { type Consumers, startConsumers } from '../../src/stream/consumers.ts'
import type { Reaction, RollUpReaction } from '../../src/stream/reaction.ts'
import type { Repeats } from '../../src/stream/repeats.ts'
import type { ClickstreamRecord } from '../../src/stream/stream.ts'
import { openTestLog, outboxEntry, SILENT, type TestEvent } from './log.ts'
import { type RepeatingLogOptions, repeatingLog } from './repeating-log.ts'
import { openTestStorage } from './storage.ts'

/** Keeps the sequences of each key in the order in which they were counted: a repeat or an overtaking shows. */
export const TRAILS: RollUpReaction<{ trail: number[] }> = {
  kind: 'roll-up',
  name: 'trails',
  topics: ['ecommerce-orders'],
  ids: (event) => [event.partitionkey],
  empty: () => ({ trail: [] }),
  apply(body, _id, { data, sequence }) {
    if ((data as { poison?: boolean }).poison) throw new Error('cannot be folded')
    body.trail.push(sequence)
  },
}

export interface RunningNode {
  consumers: Consumers
  /** What the node's consumers handled, repeats and all. */
  handled: Record<string, number>
  /** Nothing of it is heard again: what it has in hand comes to nothing. */
  crash(): Promise<void>
}

/** A storage and a log that several nodes share; nodes stop with the test. */
export async function openNodes(
  t: Pick<TestContext, 'after'>,
  options: RepeatingLogOptions & Partial<Pick<SqliteStorageOptions, 'collections'>> = {},
) {
  const embedded = await openTestLog(t)
  const { storage } = await openTestStorage(t, options.collections ?? [])
  const cluster = repeatingLog(embedded.log, options)
  const outside = cluster.node().log
  const running = new Set<Consumers>()
  t.after(() => Promise.all([...running].map((consumers) => consumers.stop())))

  return {
    storage,
    /** As a tool reads it, or a node that runs no consumers. */
    log: outside,
    rebalance: cluster.rebalance,
    tell: (events: readonly TestEvent[]) =>
      outside.appendOutbox(events.map((event) => outboxEntry(0, event))),
    clicks: (records: readonly ClickstreamRecord[]) => outside.appendClickstream(records),
    async start(
      reactions: readonly Reaction[],
      given: { rollUps?: RollUps; repeats?: Repeats; logger?: Logger } = {},
    ): Promise<RunningNode> {
      const node = cluster.node()
      const { rollUps, kill } = mortal(given.rollUps ?? storage.rollUps)
      const handled: Record<string, number> = {}
      const consumers = await startConsumers({
        ...{ log: node.log, reactions, clock, logger: SILENT, linger_ms: 0, ...given, rollUps },
        onHandled: (group, count) => {
          handled[group] = (handled[group] ?? 0) + count
        },
      })
      running.add(consumers)
      return {
        consumers,
        handled,
        async crash() {
          kill()
          node.crash()
          running.delete(consumers)
          await consumers.stop()
        },
      }
    },
  }
}

/** Roll-ups whose node can die: what it asked for may still happen, what it asks for later does not. */
function mortal(rollUps: RollUps): { rollUps: RollUps; kill(): void } {
  let dead = false
  const guarded =
    <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (dead) throw new Error('this node is dead')
      const result = await work(...args)
      if (dead) throw new Error('this node died before the answer')
      return result
    }
  return {
    rollUps: {
      read: guarded(rollUps.read),
      range: guarded(rollUps.range),
      write: guarded(rollUps.write),
      positions: guarded(rollUps.positions),
      drop: guarded(rollUps.drop),
    },
    kill() {
      dead = true
    },
  }
}

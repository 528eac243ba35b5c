import { setTimeout as sleep } from 'node:timers/promises'
import type { Topic } from '../kernel/event.ts'
import type { RollUps } from '../storage/roll-ups.ts'
import type { Log, PartitionEnds } from './stream.ts'
import { placeOf, positionsOf } from './take-up.ts'

/** How often progress is looked for that another node makes. */
const LOOK_MS = 100

/** A group as far as its progress goes. */
export interface Follower {
  name: string
  topics: readonly Topic[]
  /** The name under which its positions lie now. */
  key(): string
}

export interface ProgressOptions {
  log: Pick<Log, 'ends' | 'read'>
  rollUps: Pick<RollUps, 'positions'>
  followers: readonly Follower[]
}

/**
 * How far the groups are, by what is stored: a node that holds some of the partitions, or none, sees what all of
 * them have done.
 */
export function progressOf({ log, rollUps, followers }: ProgressOptions) {
  const topics = [...new Set(followers.flatMap((follower) => follower.topics))]
  const waiters = new Set<() => void>()

  /** What a group has not handled, as places and the offsets from which on. */
  const behind = async ({ topics: own, key }: Follower, ends: readonly PartitionEnds[]) => {
    const stored = await positionsOf(rollUps, key())
    return ends
      .filter(({ topic }) => own.includes(topic))
      .map((end) => ({ ...end, from: Math.max(end.first, stored.get(placeOf(end)) ?? 0) }))
      .filter(({ from, next }) => from < next)
  }

  /** Whether there is nothing to read: the last offsets of a partition may hold no event. */
  const empty = async ({ topic, partition, from, next }: PartitionEnds & { from: number }) =>
    !(await log.read(topic, partition, from, 1)).some(({ offset }) => offset < next)

  const reached = async (ends: readonly PartitionEnds[], before: Map<string, number>): Promise<boolean> => {
    let all = true
    for (const follower of followers) {
      for (const place of await behind(follower, ends)) {
        const name = `${follower.name} ${placeOf(place)}`
        const rested = before.get(name) === place.from
        before.set(name, place.from)
        if (!(rested && (await empty(place)))) all = false
      }
    }
    return all
  }

  return {
    /** Wakes who waits: this node has handled something. */
    made(): void {
      for (const wake of waiters) wake()
    },
    /** Offsets not yet handled, by group. */
    async lag(): Promise<Record<string, number>> {
      const ends = await log.ends(topics)
      const lag: Record<string, number> = {}
      for (const follower of followers) {
        const places = await behind(follower, ends)
        lag[follower.name] = places.reduce((sum, { from, next }) => sum + next - from, 0)
      }
      return lag
    },
    /** Resolves when every group has handled all that is in the log now. */
    async caughtUp(): Promise<void> {
      const ends = await log.ends(topics)
      const before = new Map<string, number>()
      while (!(await reached(ends, before))) {
        const { promise: made, resolve } = Promise.withResolvers<void>()
        waiters.add(resolve)
        const over = new AbortController()
        await Promise.race([made, sleep(LOOK_MS, undefined, { signal: over.signal }).catch(() => {})])
        over.abort()
        waiters.delete(resolve)
      }
    },
  }
}

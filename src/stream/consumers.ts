import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { RollUps } from '../storage/roll-ups.ts'
import { type Group, startGroup } from './group.ts'
import { type Parked, parkedBy } from './parking.ts'
import { progressOf } from './progress.ts'
import type { Reaction } from './reaction.ts'
import type { Repeats } from './repeats.ts'
import type { Log } from './stream.ts'

/** A group that has not got on for so long makes the health fail, while events wait for it. */
const MAX_FAILING_MS = 15_000

export interface ConsumersOptions {
  log: Log
  rollUps: RollUps
  reactions: readonly Reaction[]
  clock: Clock
  logger: Logger
  linger_ms?: number
  /** Asked only where the log may hold an event twice. */
  repeats?: Repeats
  /** For metrics: how many events were handled, and the time of the oldest in milliseconds. */
  onHandled?(group: string, count: number, oldest_at: number): void
}

export interface ConsumersHealth {
  /** Events not yet handled by whichever node, by group. */
  lag: Record<string, number>
  parked: number
  last_error: string | null
}

export interface Consumers {
  health(): Promise<ConsumersHealth>
  /** Rejects with a sentence when events wait for a group that has not got on for a while. */
  check(): Promise<void>
  /** Subjects that wait for a human, as far as this node has heard. */
  parked(): Parked[]
  /** Asks that a parked subject is read on; false when it is not parked, as after a rebuild. */
  readOn(parked: Pick<Parked, 'group' | 'topic' | 'subject'>): Promise<boolean>
  /** Resolves when every group has handled all that is in the log now. */
  caughtUp(): Promise<void>
  /** Waits for the batches in hand. */
  stop(): Promise<void>
}

/**
 * Runs every reaction as a consumer group of its own, so that a slow one keeps nobody waiting. Any number of nodes
 * may run the same groups where the log shares its partitions out among them.
 */
export async function startConsumers(options: ConsumersOptions): Promise<Consumers> {
  const { log, rollUps, reactions } = options
  const shared = (await log.outboxPosition()) === null
  const groups: Group[] = []
  const followers = reactions.map(({ name, topics }, index) => ({
    name,
    topics,
    key: () => groups[index]!.key(),
  }))
  const progress = progressOf({ log, rollUps, followers })
  const stop = async () => {
    await Promise.all(groups.map((group) => group.stop()))
  }
  try {
    for (const reaction of reactions)
      groups.push(await startGroup({ ...options, reaction, shared, progress: progress.made }))
  } catch (error) {
    await stop()
    throw error
  }
  let lag: Record<string, number> = Object.fromEntries(reactions.map(({ name }) => [name, 0]))

  /** What was known last, with the reason, while the log does not answer. */
  const lookAtLag = async (): Promise<string | null> => {
    try {
      lag = await progress.lag()
      return null
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  return {
    async health() {
      const failure = await lookAtLag()
      const parked = await Promise.all(groups.map((group) => parkedBy(rollUps, group.key())))
      const last_error = groups.map((group) => group.failure()?.message).find((message) => message) ?? failure
      return { lag, parked: parked.flat().length, last_error }
    },
    async check() {
      const before = performance.now() - MAX_FAILING_MS
      const failing = groups.flatMap((group) => {
        const failure = group.failure()
        return failure && failure.since < before ? [{ name: group.reaction.name, ...failure }] : []
      })
      if (failing.length === 0) return
      const waiting = await progress.lag()
      const stuck = failing.find(({ name, definite }) => definite || waiting[name]! > 0)
      if (stuck) throw new Error(`the consumer ${stuck.name} does not get on: ${stuck.message}`)
    },
    parked: () => groups.flatMap((group) => group.parked()),
    async readOn({ group, topic, subject }) {
      const running = groups.find(({ reaction }) => reaction.name === group)
      return running ? running.readOn(topic, subject) : false
    },
    caughtUp: progress.caughtUp,
    stop,
  }
}

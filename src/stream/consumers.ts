import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { GroupPosition, RollUps } from '../storage/roll-ups.ts'
import { appendConsumer } from './append-consumer.ts'
import { forgetParked, openParking, type Parked } from './parking.ts'
import type { Reaction } from './reaction.ts'
import { rollUpConsumer } from './roll-up-consumer.ts'
import { OPEN_GATE, sequenceGate } from './sequence-gate.ts'
import type { Log, LogBatch, Subscription } from './stream.ts'

/** Under load a group writes this seldom, with the more events; alone, an event is handled at once. */
const LINGER_MS = 50

export interface ConsumersOptions {
  log: Log
  rollUps: RollUps
  reactions: readonly Reaction[]
  clock: Clock
  logger: Logger
  linger_ms?: number
  /** For metrics. */
  onHandled?(group: string, count: number): void
}

export interface ConsumersHealth {
  /** Events not yet handled, by group. */
  lag: Record<string, number>
  parked: number
  last_error: string | null
}

export interface Consumers {
  health(): Promise<ConsumersHealth>
  /** Subjects that wait for a human. */
  parked(): Parked[]
  /** Resolves when every group has handled all that is in the log now. */
  caughtUp(): Promise<void>
  /** Waits for the batches in hand. */
  stop(): Promise<void>
}

interface Group {
  name: string
  reaction: Reaction
  subscription: Subscription
  /** Next offset by `topic/partition`, as stored. */
  positions: Map<string, number>
  parked(): Parked[]
  lastError(): string | null
}

/** Runs every reaction as a consumer group of its own, so that a slow one keeps nobody waiting. */
export async function startConsumers(options: ConsumersOptions): Promise<Consumers> {
  const waiters = new Set<() => void>()
  const progress = () => {
    for (const wake of waiters) wake()
  }
  const groups: Group[] = []
  for (const reaction of options.reactions) groups.push(await startGroup(reaction, options, progress))

  const reached = (ends: readonly { topic: string; partition: number; next: number }[]) =>
    groups.every(({ reaction, positions }) =>
      ends.every(
        ({ topic, partition, next }) =>
          !(reaction.topics as readonly string[]).includes(topic) ||
          (positions.get(`${topic}/${partition}`) ?? 0) >= next,
      ),
    )

  return {
    async health() {
      const lag: Record<string, number> = {}
      for (const { name, subscription } of groups) lag[name] = await subscription.lag()
      const last_error = groups.map((group) => group.lastError()).find((error) => error !== null) ?? null
      return { lag, parked: groups.reduce((sum, group) => sum + group.parked().length, 0), last_error }
    },
    parked: () => groups.flatMap((group) => group.parked()),
    async caughtUp() {
      const ends = await options.log.ends([...new Set(groups.flatMap(({ reaction }) => reaction.topics))])
      while (!reached(ends)) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiters.delete(wake)
            resolve()
          }
          waiters.add(wake)
        })
      }
    },
    async stop() {
      await Promise.all(groups.map(({ subscription }) => subscription.stop()))
    },
  }
}

async function startGroup(
  reaction: Reaction,
  options: ConsumersOptions,
  progress: () => void,
): Promise<Group> {
  const { log, rollUps, clock, logger, linger_ms = LINGER_MS } = options
  const { name, topics } = reaction
  const positions = await startPositions(reaction, options)
  const parking = await openParking({ group: name, rollUps, log, clock, logger })
  const gate = (await log.outboxPosition()) === null ? sequenceGate(rollUps, name) : OPEN_GATE
  const handling = { rollUps, parking, gate }
  const handle =
    reaction.kind === 'roll-up' ? rollUpConsumer(reaction, handling) : appendConsumer(reaction, handling)
  let lastError: string | null = null

  const subscription = log.subscribe({
    group: name,
    topics,
    linger_ms,
    position: async (topic, partition) => positions.get(`${topic}/${partition}`) ?? 0,
    async handle(batches: LogBatch[]) {
      const next: GroupPosition[] = batches.map((batch) => ({
        group: name,
        topic: batch.topic,
        partition: batch.partition,
        offset: batch.next,
      }))
      await handle(batches, next)
      for (const { topic, partition, offset } of next) positions.set(`${topic}/${partition}`, offset)
      lastError = null
      options.onHandled?.(
        name,
        batches.reduce((sum, { records }) => sum + records.length, 0),
      )
      progress()
    },
    onError(error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== lastError)
        logger.warn({ err: error, group: name }, 'a consumer could not handle a batch')
      lastError = message
    },
  })
  return { name, reaction, subscription, positions, parked: () => parking.list(), lastError: () => lastError }
}

/** Where the group goes on; from the beginning when its results count more than the log has (a restored log). */
async function startPositions(reaction: Reaction, options: ConsumersOptions): Promise<Map<string, number>> {
  const { log, rollUps, logger } = options
  const { name, topics } = reaction
  const ends = await log.ends(topics)
  const stored = new Map(
    (await rollUps.positions(name)).map((one) => [`${one.topic}/${one.partition}`, one.offset]),
  )
  const ahead = ends.some(({ topic, partition, next }) => (stored.get(`${topic}/${partition}`) ?? 0) > next)
  if (ahead) {
    logger.warn(
      { group: name },
      'the log ends before what this group has counted; it is built again from the log',
    )
    await rollUps.drop(name)
    await forgetParked(rollUps, name)
    stored.clear()
  }
  return new Map(
    ends.map(({ topic, partition, first }) => {
      const place = `${topic}/${partition}`
      return [place, Math.max(first, stored.get(place) ?? 0)]
    }),
  )
}

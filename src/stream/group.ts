import type { Topic } from '../kernel/event.ts'
import { type Periodic, periodically } from '../kernel/periodic.ts'
import { appendConsumer } from './append-consumer.ts'
import type { ConsumersOptions } from './consumers.ts'
import { firstGeneration, type Generation, generationOf, Superseded } from './generation.ts'
import { openParking, type Parked, type Parking } from './parking.ts'
import type { Reaction } from './reaction.ts'
import { readingOn } from './reading-on.ts'
import { NO_REPEATS } from './repeats.ts'
import { rollUpConsumer } from './roll-up-consumer.ts'
import { OPEN_GATE, sequenceGate } from './sequence-gate.ts'
import type { LogBatch } from './stream.ts'
import { takeUpAlone, takeUpShared } from './take-up.ts'

/** Under load a group writes this seldom, with the more events; alone, an event is handled at once. */
const LINGER_MS = 50
/** How late a node learns that a group was begun again, or what others have parked. */
const WATCH_MS = 5_000

/** Why a group does not get on; null again as soon as it has handled something. */
export interface Failure {
  message: string
  /** By `performance.now()`. */
  since: number
  /** Whether a human has to mend it. */
  definite: boolean
}

/** A reaction that runs as a consumer group. */
export interface Group {
  reaction: Reaction
  /** The name under which its positions lie now. */
  key(): string
  parked(): Parked[]
  failure(): Failure | null
  /** Asks that a parked subject is read on, by whichever node reads its partition; false when it is not parked. */
  readOn(topic: Topic, subject: string): Promise<boolean>
  /** Waits for the batch in hand. */
  stop(): Promise<void>
}

export interface GroupOptions extends ConsumersOptions {
  reaction: Reaction
  /** Whether other nodes read the log, too. */
  shared: boolean
  /** Called when events were handled. */
  progress(): void
}

interface Run {
  generation: Generation
  parked(): Parked[]
  reload(): Promise<void>
  ask: Parking['ask']
  /** Reads on what was asked for. */
  attend(): Promise<void>
  failure(): Failure | null
  stop(): Promise<void>
}

/** Runs a group, and begins anew with it when it was begun again somewhere. */
export async function startGroup(options: GroupOptions): Promise<Group> {
  const { reaction, shared, rollUps, logger } = options
  const { name } = reaction
  const begin = async () => (shared ? generationOf(rollUps, name) : firstGeneration(name))
  let watch: Periodic | undefined
  const superseded = () => watch?.wake()
  let run = await startRun(options, await begin(), superseded)

  const look = async () => {
    const generation = await generationOf(rollUps, name)
    if (generation.number === run.generation.number) {
      await run.reload()
      return run.attend()
    }
    logger.warn({ group: name }, 'a group is built again from the beginning of the log')
    await run.stop()
    run = await startRun(options, generation, superseded)
  }
  // A storage that is away is told by whoever needs it.
  const failed = (error: unknown) =>
    logger.debug({ err: error, group: name }, 'a group could not look around')
  watch = periodically(WATCH_MS, shared ? look : () => run.attend(), failed)

  // What was asked for before a crash.
  if (run.parked().some(({ asked }) => asked !== undefined)) watch.wake()

  return {
    reaction,
    key: () => run.generation.key,
    parked: () => run.parked(),
    failure: () => run.failure(),
    async readOn(topic, subject) {
      const parked = await run.ask(topic, subject)
      watch?.wake()
      return parked
    },
    async stop() {
      await watch?.stop()
      await run.stop()
    },
  }
}

/** Runs a group in one generation. */
async function startRun(options: GroupOptions, generation: Generation, superseded: () => void): Promise<Run> {
  const { reaction, shared, log, rollUps, clock, logger, linger_ms = LINGER_MS } = options
  const { name, topics } = reaction
  const around = { reaction, generation, log, rollUps, logger }
  const alone = shared ? undefined : await takeUpAlone(around)
  const parking = await openParking({ group: name, generation, rollUps, log, clock, logger })
  const takeUp = alone ?? takeUpShared({ ...around, parking })
  const gate = shared
    ? sequenceGate({ rollUps, name: `${generation.key}.sequences`, trimmed: takeUp.trimmed })
    : OPEN_GATE
  const repeats = (shared && options.repeats) || NO_REPEATS
  const handling = { generation, rollUps, parking, gate, repeats }
  const { handle, takeLate } =
    reaction.kind === 'roll-up' ? rollUpConsumer(reaction, handling) : appendConsumer(reaction, handling)
  let failure: Failure | null = null

  const handleBatches = async (batches: LogBatch[]): Promise<void> => {
    const next = batches.map((batch) => ({
      group: generation.key,
      topic: batch.topic,
      partition: batch.partition,
      offset: batch.next,
    }))
    await handle(batches, next)
    failure = null
    const count = batches.reduce((sum, { records }) => sum + records.length, 0)
    if (options.onHandled && count > 0) options.onHandled(name, count, oldestOf(batches))
    options.progress()
  }
  // A group's sequences and documents in memory are of one batch at a time, also where partitions come at once.
  let turn: Promise<void> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.then(
      () => {},
      () => {},
    )
    return done
  }
  const subscription = log.subscribe({
    group: name,
    topics,
    linger_ms,
    position: takeUp.position,
    handle: (batches) => inTurn(() => handleBatches(batches)),
    onError(error) {
      const message = error instanceof Error ? error.message : String(error)
      if (error instanceof Superseded) superseded()
      if (message !== failure?.message) logger.warn({ err: error, group: name }, 'a consumer does not get on')
      failure = { message, since: failure?.since ?? performance.now(), definite: false }
    },
  })
  const readOn = readingOn({
    ...handling,
    group: name,
    log,
    clock,
    logger,
    owns: subscription.owns,
    takeLate,
  })
  let stopping: Promise<void> | undefined
  return {
    generation,
    parked: () => parking.list(),
    reload: () => parking.reload(),
    ask: parking.ask,
    attend: () => inTurn(readOn),
    failure() {
      const message = takeUp.refusal()
      return message === null ? failure : { message, since: Number.NEGATIVE_INFINITY, definite: true }
    },
    stop: () => (stopping ??= subscription.stop()),
  }
}

/** The time of the oldest event; of those that cannot be read nothing is known. Their times are texts of one form. */
function oldestOf(batches: readonly LogBatch[]): number {
  let oldest: string | undefined
  for (const { records } of batches) {
    for (const { event } of records)
      if (event && (oldest === undefined || event.time < oldest)) oldest = event.time
  }
  return oldest === undefined ? Number.POSITIVE_INFINITY : Date.parse(oldest)
}

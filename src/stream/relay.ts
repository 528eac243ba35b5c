import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import { periodically } from '../kernel/periodic.ts'
import type { Outbox, OutboxEntry } from '../storage/outbox.ts'
import { EventsRefused } from './events-refused.ts'
import { type HeldEvents, subjectOf } from './held-events.ts'
import type { Log } from './stream.ts'

/** Events of one append. */
const BATCH = 1_000
/** So often a batch is read behind the one before; then from the beginning again, where a slow node may have added some. */
const READS_AHEAD = 16
const SWEEP_MS = 1_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000
/** What is under way when the relay stops may still be confirmed for so long. */
const STOP_GRACE_MS = 3_000
/** How often the log is asked again for what it has refused. */
const RELEASE_EVERY_MS = 60_000

export interface RelayOptions {
  outbox: Outbox
  log: Pick<Log, 'appendOutbox' | 'outboxPosition'>
  /** Takes what a log may refuse for good; the embedded log refuses nothing. */
  held?: HeldEvents
  clock: Clock
  logger: Logger
  /** For metrics: called with what moved, what was sent a second time, what failed. */
  onMoved?(count: number): void
  onRepublished?(count: number, reason: RepublishReason): void
  onFailure?(error: unknown): void
}

export type RepublishReason = 'start' | 'unconfirmed' | 'released' | 'taken_over'

export interface RelayHealth {
  /** Events in the outbox; counting stops at 10,000. */
  waiting: number
  oldest_age_ms: number
  last_error: string | null
}

export interface Relay {
  health(): Promise<RelayHealth>
  /** Moves what is there now; resolves when it is in the log and out of the outbox. */
  drain(): Promise<void>
  /** Offers the log what it has refused before; it is asked by itself every minute. Resolves to how many it took. */
  release(): Promise<number>
  /** Finishes the batch in hand. */
  stop(): Promise<void>
}

/**
 * Moves committed events from the outbox to the log, in order, and lets the outbox forget only what the log
 * has confirmed. Woken by each commit and once a second. Two relays on one outbox repeat events, never lose
 * or reorder them (test/model/relay-model.ts).
 */
export function startRelay(options: RelayOptions): Relay {
  const { outbox, clock, logger } = options
  const aborting = new AbortController()
  const { begin, move, release } = batchMover(options, aborting.signal)
  let releaseAt = 0
  let begun = false
  let lastError: string | null = null
  let retry_ms = FIRST_RETRY_MS
  let quietUntil = 0
  let stopped = false

  const drain = async () => {
    if (performance.now() < quietUntil) return
    try {
      if (!begun) await begin()
      begun = true
      if (performance.now() >= releaseAt) {
        releaseAt = performance.now() + RELEASE_EVERY_MS
        await release()
      }
      while (!stopped && (await move())) retry_ms = FIRST_RETRY_MS
      if (lastError !== null) logger.info({}, 'the log takes events again')
      lastError = null
    } catch (error) {
      // Nothing is skipped: the same events are first in line when the log is back.
      quietUntil = performance.now() + retry_ms
      retry_ms = Math.min(retry_ms * 2, LAST_RETRY_MS)
      throw error
    }
  }

  const failed = (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    if (message !== lastError) logger.warn({ err: error }, 'the relay could not move events to the log')
    lastError = message
    options.onFailure?.(error)
  }

  let running: Promise<void> | undefined
  const oneAtATime = () => {
    running ??= drain().finally(() => {
      running = undefined
    })
    return running
  }
  const periodic = periodically(SWEEP_MS, oneAtATime, failed)
  const unlisten = outbox.onCommit(() => periodic.wake())
  periodic.wake()

  return {
    async health() {
      const { count, oldest_at } = await outbox.pending()
      const oldest_age_ms = oldest_at === null ? 0 : Math.max(0, clock.now() - oldest_at)
      return { waiting: count, oldest_age_ms, last_error: lastError }
    },
    async drain() {
      await running?.catch(() => {})
      quietUntil = 0
      await oneAtATime()
    },
    async release() {
      // In turn with the batches: what comes later must not overtake what is released.
      await running?.catch(() => {})
      let taken = 0
      running = release()
        .then((count) => {
          taken = count
        })
        .finally(() => {
          running = undefined
        })
      await running
      return taken
    },
    async stop() {
      stopped = true
      unlisten()
      const late = setTimeout(() => aborting.abort(), STOP_GRACE_MS)
      await periodic.stop()
      await running?.catch(() => {})
      clearTimeout(late)
    },
  }
}

/** Moves one batch after the other and knows which of them may be in the log already. */
function batchMover(options: RelayOptions, signal: AbortSignal) {
  const { outbox, log, held, logger, onMoved, onRepublished } = options
  /** Positions up to here may be in a log that does not remember: an earlier run or an unconfirmed append sent them. */
  let doubtful: { through: number; reason: RepublishReason } | undefined
  /** Whether the log does not know by itself what was sent to it before. */
  let forgetful = false
  let ahead: { entries: Promise<readonly OutboxEntry[]> } | undefined
  let reads = 0

  const tell = (sent: readonly Pick<OutboxEntry, 'topic' | 'event'>[], reason: RepublishReason) => {
    if (sent.length === 0) return
    const events = sent.map(({ topic, event }) => `${topic}/${event.subject}/${event.sequence}`)
    logger.warn({ reason, events }, 'events are sent again')
    onRepublished?.(sent.length, reason)
  }

  const announce = (entries: readonly OutboxEntry[]) => {
    const through = doubtful?.through ?? 0
    tell(
      entries.filter(({ position, taken_over }) => taken_over && forgetful && position > through),
      'taken_over',
    )
    if (!doubtful) return
    tell(
      entries.filter(({ position }) => position <= through),
      doubtful.reason,
    )
  }

  const append = async (entries: readonly OutboxEntry[]): Promise<void> => {
    if (entries.length === 0) return
    announce(entries)
    try {
      await log.appendOutbox(entries, signal)
    } catch (error) {
      if (held && error instanceof EventsRefused) {
        const refused = error.refused.map(({ index }) => entries[index]!)
        await held.takeOver(refused, error)
        return onMoved?.(entries.length - refused.length)
      }
      throw error
    }
    onMoved?.(entries.length)
  }

  const doubt = async (through: number): Promise<void> => {
    if ((await log.outboxPosition()) !== null) return
    doubtful = { through: Math.max(through, doubtful?.through ?? 0), reason: 'unconfirmed' }
  }

  /** What may be sent; the events of a subject of which something is held wait behind it. */
  const free = async (entries: readonly OutboxEntry[]): Promise<readonly OutboxEntry[]> => {
    const subjects = await held?.subjects()
    if (!held || !subjects || subjects.size === 0) return entries
    await held.takeBehind(entries.filter((entry) => subjects.has(subjectOf(entry))))
    return entries.filter((entry) => !subjects.has(subjectOf(entry)))
  }

  return {
    /** What a crash left: forgotten where the log has it, else sent again and said so. */
    async begin(): Promise<void> {
      const known = await log.outboxPosition()
      forgetful = known === null
      if (known !== null && known > 0) await outbox.acknowledge(known)
      const left = await outbox.pending()
      if (left.count === 0) return
      logger.info(
        { waiting: left.count, confirmed_through: known },
        'the outbox holds events of an earlier run',
      )
      // An earlier run had one batch under way at most, and it lies first.
      const first = known === null ? (await outbox.read(0, BATCH)).at(-1) : undefined
      if (first) doubtful = { through: first.position, reason: 'start' }
    },

    /** False when there was nothing to move. What comes next is read while the log takes this. */
    async move(): Promise<boolean> {
      const reading = ahead?.entries
      ahead = undefined
      const before = await reading
      const entries = before?.length ? before : await outbox.read(0, BATCH)
      const last = entries.at(-1)
      if (!last) return false
      const sent = await free(entries)
      reads = entries === before ? reads + 1 : 0
      const next =
        reads < READS_AHEAD && entries.length === BATCH ? outbox.read(last.position, BATCH) : undefined
      next?.catch(() => {})
      try {
        await append(sent)
        await outbox.acknowledge(last.position)
      } catch (error) {
        // Confirmed or not: what the outbox was not told of comes again.
        await doubt(last.position)
        throw error
      }
      ahead = next && { entries: next }
      if (doubtful && last.position >= doubtful.through) doubtful = undefined
      return true
    },

    async release(): Promise<number> {
      return (await held?.release((entries) => tell(entries, 'released'), signal)) ?? 0
    },
  }
}

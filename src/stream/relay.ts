import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import { periodically } from '../kernel/periodic.ts'
import type { Outbox, OutboxEntry } from '../storage/outbox.ts'
import type { Log } from './stream.ts'

/** Events of one append. */
const BATCH = 1_000
const SWEEP_MS = 1_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000

export interface RelayOptions {
  outbox: Outbox
  log: Pick<Log, 'appendOutbox' | 'outboxPosition'>
  clock: Clock
  logger: Logger
  /** For metrics: called with what moved, what was sent a second time, what failed. */
  onMoved?(count: number): void
  onRepublished?(count: number, reason: RepublishReason): void
  onFailure?(error: unknown): void
}

export type RepublishReason = 'start' | 'unconfirmed'

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
  const { begin, move } = batchMover(options)
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
    async stop() {
      stopped = true
      unlisten()
      await periodic.stop()
      await running?.catch(() => {})
    },
  }
}

/** Moves one batch after the other and knows which of them may be in the log already. */
function batchMover({ outbox, log, logger, onMoved, onRepublished }: RelayOptions) {
  /** Positions up to here may be in a log that does not remember: an earlier run or an unconfirmed append sent them. */
  let doubtful: { through: number; reason: RepublishReason } | undefined

  const announce = (entries: readonly OutboxEntry[]) => {
    if (!doubtful) return
    const { through, reason } = doubtful
    const again = entries.filter(({ position }) => position <= through)
    if (again.length === 0) return
    const events = again.map(({ topic, event }) => `${topic}/${event.subject}/${event.sequence}`)
    logger.warn({ reason, events }, 'events are sent again')
    onRepublished?.(again.length, reason)
  }

  return {
    /** What a crash left: forgotten where the log has it, else sent again and said so. */
    async begin(): Promise<void> {
      const known = await log.outboxPosition()
      if (known !== null && known > 0) await outbox.acknowledge(known)
      const left = await outbox.pending()
      if (left.count === 0) return
      logger.info(
        { waiting: left.count, confirmed_through: known },
        'the outbox holds events of an earlier run',
      )
      const { given } = await outbox.history()
      if (known === null) doubtful = { through: given, reason: 'start' }
    },

    /** False when there was nothing to move. */
    async move(): Promise<boolean> {
      const entries = await outbox.read(0, BATCH)
      const last = entries.at(-1)
      if (!last) return false
      announce(entries)
      try {
        await log.appendOutbox(entries)
      } catch (error) {
        const through = Math.max(last.position, doubtful?.through ?? 0)
        if ((await log.outboxPosition()) === null) doubtful = { through, reason: 'unconfirmed' }
        throw error
      }
      onMoved?.(entries.length)
      await outbox.acknowledge(last.position)
      if (doubtful && last.position >= doubtful.through) doubtful = undefined
      return true
    },
  }
}

import type { Clock } from '../kernel/clock.ts'
import type { CloudEvent, Topic } from '../kernel/event.ts'
import type { Logger } from '../kernel/logger.ts'
import type { OutboxEntry } from '../storage/outbox.ts'
import type { Fence, RollUps } from '../storage/roll-ups.ts'
import { refusalLetter } from './dead-letters.ts'
import { EventsRefused } from './events-refused.ts'
import { isUsed, use } from './shelf.ts'
import type { Log } from './stream.ts'

/** Held events lie beside the roll-ups, a document each; one that was released stays as a note without its text. */
const HELD = 'held-events'
const PAGE = 500
const POSITION_DIGITS = 16
/** Events of one try; the first may be as large as events get. */
const RELEASE_BATCH = 100

interface HeldEvent {
  topic: Topic
  subject: string
  position: number
  /** Empty once it was released. */
  json: string
  reason: string
  at: string
  released: boolean
}

type OnSend = (entries: readonly OutboxEntry[]) => void

export interface HeldEvents {
  /** Subjects (`topic/subject`) of which something is held: what they write later must wait, too. */
  subjects(): Promise<ReadonlySet<string>>
  /** Takes over what the log refused; then the outbox may forget it. A copy of the first goes to the dead letters. */
  takeOver(refused: readonly OutboxEntry[], error: EventsRefused): Promise<void>
  /** Takes over what waits behind a held event. */
  takeBehind(entries: readonly OutboxEntry[]): Promise<void>
  /**
   * Tries to bring what is held into the log, each subject in order; tells which are sent, and how many got there.
   * `signal` gives it up.
   */
  release(onSend: OnSend, signal?: AbortSignal): Promise<number>
}

export interface HeldEventsOptions {
  rollUps: Pick<RollUps, 'read' | 'range' | 'write'>
  log: Pick<Log, 'appendOutbox' | 'appendDeadLetters'>
  clock: Clock
  logger: Logger
}

export function subjectOf({ topic, event }: OutboxEntry): string {
  return `${topic}/${event.subject}`
}

/**
 * Events that the broker refuses for good (too large for its limit): they leave the outbox, so that the others are not
 * kept waiting, and their subject waits here, in order, until the broker takes them. Nothing is skipped.
 */
export function heldEvents({ rollUps, log, clock, logger }: HeldEventsOptions): HeldEvents {
  const hold = async (entries: readonly OutboxEntry[], reasonFor: (index: number) => string) => {
    const at = new Date(clock.now()).toISOString()
    if (entries.length > 0) await use(rollUps, HELD)
    for (const [index, { topic, event, position, json }] of entries.entries()) {
      const reason = reasonFor(index)
      const body: HeldEvent = {
        topic,
        subject: event.subject,
        position,
        json,
        reason,
        at,
        released: false,
      }
      // False when it is held already: a crash came between this and the outbox.
      await rollUps.write(HELD, [{ id: idOf(body), expected: null, fence: { writes: 1 }, body }], [])
    }
  }

  let looked = false
  const held = async (): Promise<HeldEvent[]> => {
    if (looked && !(await isUsed(rollUps, HELD))) return []
    const found = await allHeld()
    // Events of before there were shelves are found once, at the start.
    if (!looked && found.length > 0) await use(rollUps, HELD)
    looked = true
    return found
  }

  const allHeld = async (): Promise<HeldEvent[]> => {
    const found: HeldEvent[] = []
    for (let from = ''; ; ) {
      const page = await rollUps.range(HELD, { from, limit: PAGE })
      found.push(...page.map(({ body }) => body as HeldEvent).filter(({ released }) => !released))
      if (page.length < PAGE) return found
      from = `${page.at(-1)!.id}\u0000`
    }
  }

  const settle = async (events: readonly HeldEvent[]) => {
    for (const event of events) {
      const body = { ...event, json: '', released: true }
      await rollUps.write(HELD, [{ id: idOf(event), expected: HELD_FENCE, fence: { writes: 2 }, body }], [])
    }
  }

  const releaseSubject = async (events: readonly HeldEvent[], onSend: OnSend, signal?: AbortSignal) => {
    let released = 0
    for (let from = 0; from < events.length; from += RELEASE_BATCH) {
      const batch = events.slice(from, from + RELEASE_BATCH)
      const entries = batch.map(({ topic, position, json }) => ({
        topic,
        position,
        json,
        event: JSON.parse(json) as CloudEvent,
      }))
      onSend(entries)
      try {
        await log.appendOutbox(entries, signal)
      } catch (error) {
        if (!(error instanceof EventsRefused)) throw error
        // The others of it got there; they stand before the first refused one.
        const first = Math.min(...error.refused.map(({ index }) => index))
        await settle(batch.slice(0, first))
        return released + first
      }
      await settle(batch)
      released += batch.length
    }
    return released
  }

  return {
    async subjects() {
      return new Set((await held()).map(({ topic, subject }) => `${topic}/${subject}`))
    },
    async takeOver(entries, { refused }) {
      // Both in the order of the append; the first of a subject is the one that was refused.
      const firsts = new Map<string, { entry: OutboxEntry; reason: string }>()
      entries.forEach((entry, index) => {
        const subject = subjectOf(entry)
        if (!firsts.has(subject)) firsts.set(subject, { entry, reason: refused[index]!.reason })
      })
      // The letter first: after a crash in between it stands twice, which a reader can see; never not at all.
      const now = clock.now()
      await log.appendDeadLetters(
        [...firsts.values()].map(({ entry, reason }) => refusalLetter({ ...entry, reason }, now)),
      )
      await hold(entries, (index) => refused[index]!.reason)
      for (const { entry, reason } of firsts.values()) {
        const { topic, event, position } = entry
        const details = { topic, subject: event.subject, position, reason }
        logger.error(details, 'the log refuses an event; its subject waits')
      }
    },
    takeBehind: (entries) => hold(entries, () => 'It waits behind an event that the log refused.'),
    async release(onSend, signal) {
      const bySubject = Map.groupBy(await held(), ({ topic, subject }) => `${topic}/${subject}`)
      let released = 0
      for (const events of bySubject.values()) {
        if (signal?.aborted) break
        released += await releaseSubject(events, onSend, signal)
      }
      if (released > 0) logger.info({ events: released }, 'the log took events that it had refused')
      return released
    },
  }
}

const HELD_FENCE: Fence = { writes: 1 }

/** Sorts by subject, and within one by position. */
function idOf({ topic, subject, position }: HeldEvent): string {
  return `${topic}/${subject}/${String(position).padStart(POSITION_DIGITS, '0')}`
}

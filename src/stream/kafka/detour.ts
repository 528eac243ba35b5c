import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { CloudEvent } from '../../kernel/event.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Outbox } from '../../storage/outbox.ts'
import { logUnavailable } from '../log-unavailable.ts'
import type { DoorEvent } from './door.ts'
import type { Fault } from './faults.ts'

/** Under steady load the outbox is never empty by itself: what arrives is held back so long, so often, for its end. */
const HOLD_MS = 250
const HOLD_EVERY_MS = 1_000
const LOOK_MS = 5
/** With more than this in the outbox, or something this old, waiting for its end would only take time. */
const NEARLY_EMPTY = 5_000
const MOVING_MS = 2_000

export interface Detour {
  /** Whether events must go through the outbox, because earlier ones may still be in it. */
  inUse(): Promise<boolean>
  /** Resolves when the events are in the outbox; `unavailable` when it cannot take them. */
  take(events: readonly DoorEvent[]): Promise<void>
  /** The first events of a detour: those of a send that was not confirmed. */
  begin(events: readonly DoorEvent[], fault: Fault): Promise<void>
}

export interface DetourOptions {
  outbox: Pick<Outbox, 'add' | 'passed' | 'pending' | 'history'>
  clock: Clock
  logger: Logger
}

/** The way of the door's events through the outbox while Kafka does not answer. */
export async function detour({ outbox, clock, logger }: DetourOptions): Promise<Detour> {
  // What a run before left in the outbox may be of this node.
  const left = await outbox.pending()
  let through = left.count > 0 ? (await outbox.history()).given : undefined
  let held_at = Number.NEGATIVE_INFINITY

  /** Waits a moment for an outbox that is nearly empty. */
  const hold = async (position: number): Promise<boolean> => {
    const now = performance.now()
    if (now - held_at < HOLD_EVERY_MS) return false
    held_at = now
    const { count, oldest_at } = await outbox.pending()
    if (count > NEARLY_EMPTY || (oldest_at !== null && clock.now() - oldest_at > MOVING_MS)) return false
    while (performance.now() - now < HOLD_MS) {
      await pause(LOOK_MS)
      if (await outbox.passed(position)) return true
    }
    return false
  }

  const take = async (events: readonly DoorEvent[]): Promise<void> => {
    try {
      through = await outbox.add(
        events.map(({ topic, json }) => ({ topic, event: JSON.parse(json) as CloudEvent, json })),
      )
    } catch (error) {
      if (isRefusal(error)) throw logUnavailable('Kafka does not answer and the storage takes nothing either')
      throw error
    }
  }

  return {
    async inUse() {
      if (through === undefined) return false
      if (!(await outbox.passed(through)) && !(await hold(through))) return true
      through = undefined
      logger.info({}, 'the door sends to Kafka by itself again')
      return false
    },
    take,
    async begin(events, { sentence }) {
      logger.warn(
        { events: events.length, reason: sentence },
        'Kafka did not confirm events of the door; they go through the outbox, and may stand twice in the log',
      )
      await take(events)
    },
  }
}

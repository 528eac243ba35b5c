import { isRefusal } from '../kernel/errors.ts'
import type { GroupPosition } from '../storage/roll-ups.ts'
import { type Arrival, arrivalsOf, poisonOf } from './arrivals.ts'
import { conflictOf, MAX_ATTEMPTS, pauseAfterConflict } from './conflicts.ts'
import { reasonOf } from './dead-letters.ts'
import type { AppendReaction } from './reaction.ts'
import type { GroupHandling } from './roll-up-consumer.ts'
import type { LogBatch } from './stream.ts'

/** Events of one call of the reaction. */
const CHUNK = 500
/** A single event that fails so often is poison. */
export const MAX_TRIES = 3

/** Hands events to a reaction whose work may be repeated, then raises the group's positions. */
export function appendConsumer(reaction: AppendReaction, handling: GroupHandling) {
  const { name } = reaction
  const { rollUps, parking, gate } = handling
  const tries = new Map<string, number>()

  /** Halves what fails until the event is alone that cannot be taken. */
  const hand = async (given: readonly Arrival[]): Promise<void> => {
    const arrivals = given.filter(
      ({ topic, offset, event }) => !parking.holds({ topic, subject: event.subject, offset }),
    )
    if (arrivals.length === 0) return
    try {
      await reaction.handle(
        arrivals.map(({ event }) => event),
        arrivals,
      )
    } catch (error) {
      // What is away comes back; that is no fault of an event.
      if (isRefusal(error) && error.kind === 'unavailable') throw error
      if (arrivals.length > 1) {
        const half = arrivals.length >> 1
        await hand(arrivals.slice(0, half))
        return hand(arrivals.slice(half))
      }
      await failed(arrivals[0]!, error)
    }
  }

  const failed = async (arrival: Arrival, error: unknown): Promise<void> => {
    const key = `${arrival.place}/${arrival.offset}`
    const count = (tries.get(key) ?? 0) + 1
    tries.set(key, count)
    if (count < MAX_TRIES) throw error
    tries.delete(key)
    await parking.park(poisonOf(name, arrival, reasonOf(error)))
  }

  const handle = async (batches: readonly LogBatch[], positions: GroupPosition[]): Promise<void> => {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const arrivals = await arrivalsOf(batches, { group: name, ...handling })
      for (let from = 0; from < arrivals.length; from += CHUNK) await hand(arrivals.slice(from, from + CHUNK))
      if (gate.keeps ? await gate.save(positions) : await rollUps.write(name, [], positions)) return
      // Another node has handled some of these events; its sequences tell which.
      await pauseAfterConflict(attempt)
    }
    throw conflictOf(name)
  }

  return {
    handle,
    /** An event of a subject that was parked. */
    takeLate: (arrival: Arrival): Promise<void> => reaction.handle([arrival.event], [arrival]),
  }
}

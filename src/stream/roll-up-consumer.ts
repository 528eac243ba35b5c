import type { GroupPosition, RollUps } from '../storage/roll-ups.ts'
import { type Arrival, arrivalsOf, poisonOf, slices } from './arrivals.ts'
import { reasonOf } from './dead-letters.ts'
import { type Document, hotDocuments } from './hot-documents.ts'
import type { Parking } from './parking.ts'
import type { RollUpReaction } from './reaction.ts'
import type { SequenceGate } from './sequence-gate.ts'
import type { LogBatch } from './stream.ts'

/** Somebody else writing the same group is a fault of operation; the subscription tries again later. */
const MAX_ATTEMPTS = 5

export interface GroupHandling {
  rollUps: RollUps
  parking: Parking
  gate: SequenceGate
}

class Unfoldable extends Error {
  readonly arrival: Arrival
  constructor(arrival: Arrival, cause: unknown) {
    super(reasonOf(cause))
    this.arrival = arrival
  }
}

/**
 * Folds batches into roll-up documents. Everything up to the write happens in memory; the write compares the
 * fences and brings the group's positions with it, so a crash at any moment leaves each event counted once.
 */
export function rollUpConsumer(reaction: RollUpReaction, { rollUps, parking, gate }: GroupHandling) {
  const { name } = reaction
  const hot = hotDocuments(reaction, rollUps)

  /** The documents that these events change, with their events not yet counted applied. */
  const fold = async (arrivals: readonly Arrival[]): Promise<Document[]> => {
    const slice = slices()
    const wanted: (readonly string[])[] = []
    for (const arrival of arrivals) {
      wanted.push(guarded(arrival, () => reaction.ids(arrival.event)))
      const rest = slice()
      if (rest) await rest
    }
    const documents = await hot.load(wanted.flat())
    const changed = new Set<Document>()
    for (const [index, arrival] of arrivals.entries()) {
      for (const id of wanted[index]!) {
        const document = documents.get(id)!
        if (arrival.offset < (document.fence[arrival.place] ?? 0)) continue
        changed.add(document)
        guarded(arrival, () => reaction.apply(document.body, id, arrival.event))
        document.fence[arrival.place] = arrival.offset + 1
      }
      const rest = slice()
      if (rest) await rest
    }
    return [...changed]
  }

  const store = async (documents: readonly Document[], positions: GroupPosition[]): Promise<boolean> => {
    if (!gate.keeps) return hot.store(documents, positions)
    if (!(await hot.store(documents, []))) return false
    await gate.save()
    return rollUps.write(name, [], positions)
  }

  return async (batches: readonly LogBatch[], positions: GroupPosition[]): Promise<void> => {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; ) {
      try {
        if (await store(await fold(await arrivalsOf(batches, { group: name, parking, gate })), positions))
          return
        attempt += 1
        hot.clear()
      } catch (error) {
        hot.clear()
        gate.reset()
        if (!(error instanceof Unfoldable)) throw error
        await parking.park(poisonOf(name, error.arrival, error.message))
      }
    }
    throw new Error(`the fences of ${name} keep moving: another reader has the group`)
  }
}

function guarded<T>(arrival: Arrival, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Unfoldable(arrival, error)
  }
}

import type { GroupPosition, RollUps } from '../storage/roll-ups.ts'
import { type Arrival, arrivalsOf, poisonOf } from './arrivals.ts'
import { conflictOf, MAX_ATTEMPTS, pauseAfterConflict } from './conflicts.ts'
import { reasonOf } from './dead-letters.ts'
import type { Generation } from './generation.ts'
import { type Document, hotDocuments } from './hot-documents.ts'
import { countedThrough, lateEntry } from './late-fence.ts'
import type { Parking } from './parking.ts'
import type { RollUpReaction } from './reaction.ts'
import type { Repeats } from './repeats.ts'
import type { SequenceGate } from './sequence-gate.ts'
import { slices } from './slices.ts'
import type { LogBatch } from './stream.ts'

/** What every consumer works with. */
export interface GroupHandling {
  generation: Generation
  rollUps: RollUps
  parking: Parking
  gate: SequenceGate
  repeats: Repeats
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
 * fences, and the group's positions come last, so a crash at any moment leaves each event counted once.
 */
export function rollUpConsumer(reaction: RollUpReaction, handling: GroupHandling) {
  const { name } = reaction
  const { rollUps, generation, gate, parking } = handling
  const hot = hotDocuments({ reaction, generation, rollUps })

  const counting = async (arrivals: readonly Arrival[]): Promise<readonly Arrival[]> => {
    const voided = await reaction.voided?.(arrivals.map(({ event }) => event))
    return voided?.size ? arrivals.filter(({ event }) => !voided.has(event)) : arrivals
  }

  /** The documents that these events change, with their events not yet counted applied; `wanted` gets their ids. */
  const fold = async (arrivals: readonly Arrival[], wanted: (readonly string[])[]): Promise<Document[]> => {
    const slice = slices()
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
        if (arrival.offset < countedThrough(document.fence, arrival.place, arrival.event.subject)) continue
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
    try {
      if (!gate.keeps) return await hot.store(documents, positions)
      return (await hot.store(documents, [])) && (await gate.save(positions))
    } finally {
      if (documents.length > 0) reaction.written?.(documents)
    }
  }

  const handle = async (batches: readonly LogBatch[], positions: GroupPosition[]): Promise<void> => {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; ) {
      const wanted: (readonly string[])[] = []
      try {
        const arrivals = await counting(await arrivalsOf(batches, { group: name, ...handling }))
        if (await store(await fold(arrivals, wanted), positions)) return
        hot.forget(wanted.flat())
        await pauseAfterConflict(attempt++)
      } catch (error) {
        hot.forget(wanted.flat())
        if (!(error instanceof Unfoldable)) throw error
        await parking.park(poisonOf(name, error.arrival, error.message))
      }
    }
    throw conflictOf(name)
  }

  /** An event of a subject that was parked: what counts is how far the subject was read on, not how far the place is. */
  const takeLate = async (arrival: Arrival): Promise<void> => {
    if ((await counting([arrival])).length === 0) return
    const { place, offset, event } = arrival
    const ids = [...new Set(reaction.ids(event))]
    const entry = lateEntry(place, event.subject)
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      try {
        const documents = [...(await hot.load(ids)).values()]
        const open = documents.filter(({ fence }) => offset >= (fence[entry] ?? 0))
        for (const { id, body, fence } of open) {
          reaction.apply(body, id, event)
          fence[entry] = offset + 1
        }
        if (open.length === 0 || (await hot.store(open, []))) return
        hot.forget(ids)
      } catch (error) {
        hot.forget(ids)
        throw error
      }
      await pauseAfterConflict(attempt)
    }
    throw conflictOf(name)
  }

  return { handle, takeLate }
}

function guarded<T>(arrival: Arrival, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Unfoldable(arrival, error)
  }
}

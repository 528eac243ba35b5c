import { LRUCache } from 'lru-cache'
import type { Fence, GroupPosition, RollUps, RollUpWrite } from '../storage/roll-ups.ts'
import { type Arrival, arrivalsOf, poisonOf, slices } from './arrivals.ts'
import { reasonOf } from './dead-letters.ts'
import type { Parking } from './parking.ts'
import type { RollUpReaction } from './reaction.ts'
import type { SequenceGate } from './sequence-gate.ts'
import type { LogBatch } from './stream.ts'

/** Documents kept in memory between batches; they count as current while their fence holds. */
const HOT_DOCUMENTS = 2_000
/** Somebody else writing the same group is a fault of operation; the subscription tries again later. */
const MAX_ATTEMPTS = 5

export interface GroupHandling {
  rollUps: RollUps
  parking: Parking
  gate: SequenceGate
}

interface Document {
  id: string
  /** As it is stored; null when it is not there yet. */
  expected: Fence | null
  fence: Fence
  body: unknown
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
  const hot = new LRUCache<string, Document>({ max: HOT_DOCUMENTS })

  /** The documents that these events change, with their events not yet counted applied. */
  const fold = async (arrivals: readonly Arrival[]): Promise<Document[]> => {
    const slice = slices()
    const wanted = arrivals.map((arrival) => guarded(arrival, () => reaction.ids(arrival.event)))
    const documents = await load(new Set(wanted.flat()))
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

  const load = async (ids: ReadonlySet<string>): Promise<Map<string, Document>> => {
    const documents = new Map<string, Document>()
    const missing: string[] = []
    for (const id of ids) {
      const document = hot.get(id)
      if (document) documents.set(id, document)
      else missing.push(id)
    }
    for (const { id, fence, body } of missing.length > 0 ? await rollUps.read(name, missing) : []) {
      documents.set(id, { id, expected: fence, fence: { ...fence }, body })
    }
    for (const id of missing) {
      if (!documents.has(id)) documents.set(id, { id, expected: null, fence: {}, body: reaction.empty(id) })
    }
    return documents
  }

  const store = async (documents: readonly Document[], positions: GroupPosition[]): Promise<boolean> => {
    const writes: RollUpWrite[] = documents.map(({ id, expected, fence, body }) => ({
      id,
      expected,
      fence,
      body,
    }))
    if (gate.keeps) {
      if (!(await rollUps.write(name, writes, []))) return false
      await gate.save()
      return rollUps.write(name, [], positions)
    }
    return rollUps.write(name, writes, positions)
  }

  return async (batches: readonly LogBatch[], positions: GroupPosition[]): Promise<void> => {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; ) {
      try {
        const documents = await fold(await arrivalsOf(batches, { group: name, parking, gate }))
        if (await store(documents, positions)) {
          for (const document of documents) {
            document.expected = { ...document.fence }
            hot.set(document.id, document)
          }
          return
        }
        attempt += 1
        hot.clear()
      } catch (error) {
        // Bodies are changed in place: after a failure what is in memory is worth nothing.
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

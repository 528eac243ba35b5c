import { LRUCache } from 'lru-cache'
import type { Fence, GroupPosition, RollUps } from '../storage/roll-ups.ts'
import { slices } from './arrivals.ts'
import type { RollUpReaction } from './reaction.ts'

/** Documents kept in memory between batches; they count as current while their fence holds. */
const HOT_DOCUMENTS = 2_000
/** Documents of one read and of one write, so that neither keeps requests waiting. */
const READ_AT_ONCE = 32
const WRITTEN_AT_ONCE = 250

/** A roll-up document in memory; its body is changed in place. */
export interface Document {
  id: string
  /** As it is stored; null when it is not there yet. */
  expected: Fence | null
  fence: Fence
  body: unknown
}

/** The documents of one roll-up, the often used ones without reading them again. */
export function hotDocuments(reaction: RollUpReaction, rollUps: RollUps) {
  const { name } = reaction
  const hot = new LRUCache<string, Document>({ max: HOT_DOCUMENTS })

  return {
    async load(ids: Iterable<string>): Promise<Map<string, Document>> {
      const slice = slices({ looks: 1 })
      const documents = new Map<string, Document>()
      const missing: string[] = []
      for (const id of new Set(ids)) {
        const document = hot.get(id)
        if (document) documents.set(id, document)
        else missing.push(id)
      }
      for (let from = 0; from < missing.length; from += READ_AT_ONCE) {
        for (const { id, fence, body } of await rollUps.read(
          name,
          missing.slice(from, from + READ_AT_ONCE),
        )) {
          documents.set(id, { id, expected: fence, fence: { ...fence }, body })
        }
        await slice()
      }
      for (const id of missing) {
        if (!documents.has(id)) documents.set(id, { id, expected: null, fence: {}, body: reaction.empty(id) })
      }
      return documents
    },

    /**
     * Writes what was changed; the positions go with the last of it. False when a fence had moved. Parts that
     * were written by then are no harm: their fences say what they have counted.
     */
    async store(documents: readonly Document[], positions: readonly GroupPosition[]): Promise<boolean> {
      let from = 0
      do {
        const part = documents.slice(from, from + WRITTEN_AT_ONCE)
        from += WRITTEN_AT_ONCE
        const last = from >= documents.length
        const writes = part.map(({ id, expected, fence, body }) => ({ id, expected, fence, body }))
        if (!(await rollUps.write(name, writes, last ? positions : []))) return false
      } while (from < documents.length)
      for (const document of documents) {
        document.expected = { ...document.fence }
        hot.set(document.id, document)
      }
      return true
    },

    /** Bodies are changed in place: after a failure what is in memory is worth nothing. */
    clear: () => hot.clear(),
  }
}

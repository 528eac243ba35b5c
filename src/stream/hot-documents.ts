import { LRUCache } from 'lru-cache'
import type { Fence, GroupPosition, RollUps } from '../storage/roll-ups.ts'
import { freshFence, type Generation, numberIn, Superseded } from './generation.ts'
import type { RollUpReaction } from './reaction.ts'
import { slices } from './slices.ts'

/** Documents kept in memory between batches; they count as current while their fence holds. */
const HOT_DOCUMENTS = 2_000
/** A document that another node has moved is read anew for each batch, this long: else every first attempt fails. */
const SHARED_MS = 10_000
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

export interface HotDocumentsOptions {
  reaction: RollUpReaction
  generation: Generation
  rollUps: RollUps
}

/** The documents of one roll-up, the often used ones without reading them again. */
export function hotDocuments({ reaction, generation, rollUps }: HotDocumentsOptions) {
  const { name } = reaction
  const hot = new LRUCache<string, Document>({ max: HOT_DOCUMENTS })
  const shared = new LRUCache<string, true>({ max: HOT_DOCUMENTS, ttl: SHARED_MS })

  const empty = (id: string, expected: Fence | null): Document => ({
    id,
    expected,
    fence: freshFence(generation),
    body: reaction.empty(id),
  })

  /** What an earlier generation counted does not count. */
  const asRead = ({ id, fence, body }: { id: string; fence: Fence; body: unknown }): Document => {
    const counted = numberIn(fence)
    if (counted > generation.number) throw new Superseded(name)
    return counted < generation.number ? empty(id, fence) : { id, expected: fence, fence: { ...fence }, body }
  }

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
        const part = missing.slice(from, from + READ_AT_ONCE)
        for (const found of await rollUps.read(name, part)) documents.set(found.id, asRead(found))
        await slice()
      }
      for (const id of missing) if (!documents.has(id)) documents.set(id, empty(id, null))
      return documents
    },

    /**
     * Writes what was changed; the positions go with the last of it. False when a fence had moved. Parts that
     * were written by then are no harm: their fences say what they have counted.
     */
    async store(documents: readonly Document[], positions: readonly GroupPosition[]): Promise<boolean> {
      for (let from = 0; from === 0 || from < documents.length; from += WRITTEN_AT_ONCE) {
        const part = documents.slice(from, from + WRITTEN_AT_ONCE)
        const raised = from + WRITTEN_AT_ONCE >= documents.length ? positions : []
        if (part.length === 0 && raised.length === 0) break
        const writes = part.map(({ id, expected, fence, body }) => ({ id, expected, fence, body }))
        if (await rollUps.write(name, writes, raised)) continue
        for (const { id } of part) shared.set(id, true)
        return false
      }
      for (const document of documents) {
        document.expected = { ...document.fence }
        if (!shared.has(document.id)) hot.set(document.id, document)
      }
      return true
    },

    /** Bodies are changed in place: after a failure those of the batch are worth nothing. */
    forget(ids: Iterable<string>): void {
      for (const id of ids) hot.delete(id)
    },
  }
}

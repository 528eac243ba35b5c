import { isRefusal } from '../../kernel/errors.ts'
import { PRODUCT_STATS, type ProductStats } from '../listing.ts'
import { figuresOf, type ListingFigures, NO_FIGURES } from '../listing-figures.ts'
import { fenceText, type RollUpWrite } from '../roll-ups.ts'
import { bulkWrite } from './bulk.ts'
import type { MongoEngine } from './engine.ts'
import { unavailable } from './errors.ts'
import { findByIds } from './find-by-ids.ts'
import { ROLL_UPS, type RollUpDocument, rollUpId } from './roll-up-documents.ts'

/** How often figures are brought again that others bring at the same time. */
const MAX_ATTEMPTS = 10

/** In each listed document beside its own fields: what the roll-up knows of the product, and by which fence. */
export interface StoredFigures extends ListingFigures {
  fence: string | null
}

export const NEW_FIGURES: StoredFigures = { ...NO_FIGURES, fence: null }

interface Figured {
  _id: string
  _figures?: StoredFigures
}

/**
 * Keeps `_figures` of the listed documents equal to the roll-up of products: availability, ratings and sales then lie where
 * lists sort and filter. Every change is a compare-and-set on the fence that the figures came from, so that late ones never
 * replace newer ones.
 */
export function createFigures({ db, listed, run }: Pick<MongoEngine, 'db' | 'listed' | 'run'>) {
  const documents = db.collection<Figured>(listed)
  const rollUps = db.collection<RollUpDocument>(ROLL_UPS)

  /** Sets figures from the writes of a roll-up; false when those of some were not the ones before, or are nowhere. */
  async function follow(writes: readonly RollUpWrite<ProductStats>[]): Promise<boolean> {
    const changes = writes.map(({ id, expected, fence, body }) =>
      change(id, expected && fenceText(expected), { ...figuresOf(body), fence: fenceText(fence) }),
    )
    return (await bulkWrite(documents, changes)) === changes.length
  }

  /**
   * Brings the figures of these products up to what the roll-up has now. A product's fence is read before the roll-up:
   * when it still stands at the write, nobody has brought anything newer.
   */
  async function bring(ids: readonly string[]): Promise<void> {
    return bringOver(await fencesOf(ids))
  }

  async function bringOver(known: Map<string, string | null>): Promise<void> {
    let fences = known
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const changes = (await statsOf([...fences.keys()])).flatMap(({ id, fence, body }) => {
        const before = fences.get(id)!
        const figures = { ...figuresOf(JSON.parse(body) as ProductStats), fence }
        return before === fence ? [] : [{ id, write: change(id, before, figures) }]
      })
      if (changes.length === 0) return
      const written = await bulkWrite(
        documents,
        changes.map(({ write }) => write),
      )
      if (written === changes.length) return
      fences = await fencesOf(changes.map(({ id }) => id))
    }
    throw unavailable('The figures of products are written by too many at once.')
  }

  async function fencesOf(ids: readonly string[]): Promise<Map<string, string | null>> {
    const found = await findByIds(documents, ids, { projection: { '_figures.fence': 1 } })
    return new Map(found.map(({ _id, _figures }) => [_id, _figures?.fence ?? null]))
  }

  async function statsOf(ids: readonly string[]) {
    const found = await findByIds(
      rollUps,
      ids.map((id) => rollUpId(PRODUCT_STATS, id)),
    )
    return found.map(({ _id, ...rest }) => ({ id: _id.slice(PRODUCT_STATS.length + 1), ...rest }))
  }

  return {
    follow,
    bring,
    /**
     * Takes up what was known of products before they were inserted. That hardly ever is anything, and the next change of
     * the roll-up brings it too; so an insert that was made does not fail by it.
     */
    async takeUp(ids: readonly string[]): Promise<void> {
      try {
        await run(() => bringOver(new Map(ids.map((id) => [id, NEW_FIGURES.fence]))))
      } catch (error) {
        if (!isRefusal(error)) throw error
      }
    },
  }
}

function change(_id: string, before: string | null, figures: StoredFigures) {
  return {
    updateOne: { filter: { _id, '_figures.fence': before }, update: { $set: { _figures: figures } } },
  }
}

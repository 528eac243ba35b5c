import type { Collection, Document } from 'mongodb'
import { boundedCache } from '../../kernel/bounded-cache.ts'
import { LOOKED_AT } from '../listing.ts'
import { OPERATION } from './connection.ts'
import type { MongoEngine } from './engine.ts'
import { anyOf, type Terms } from './listing-filter.ts'

/** How many products a filter has is only needed roughly: it decides what is walked, never what is found. */
const SIZE_KEPT_MS = 60_000
const MAX_SIZES = 10_000

export interface ListingReader {
  /** Runs a pipeline over the listed collection; what bounds it stands in its stages. */
  rows<Row extends object>(stages: Document[], options: { hint: string }): Promise<Row[]>
  /** How many match, at most `limit`. */
  count(filter: Document, options: { hint: string; limit: number }): Promise<number>
  /** How many products have one of these terms, at most one more than can be sorted; as it was a minute ago at most. */
  size(terms: Terms): Promise<number>
}

export function createListingReader({ db, run, clock, listed }: MongoEngine): ListingReader {
  const collection: Collection<Document> = db.collection(listed)
  const sizes = boundedCache<{ size: number; at: number }>(MAX_SIZES)

  function count(filter: Document, { hint, limit }: { hint: string; limit: number }): Promise<number> {
    return run(() => collection.countDocuments(filter, { hint, limit, ...OPERATION }))
  }

  return {
    count,
    rows: (stages, { hint }) =>
      run(() => collection.aggregate(stages, { hint, ...OPERATION }).toArray()) as Promise<never[]>,
    async size(terms) {
      const key = terms.join('\n')
      const known = sizes.get(key)
      if (known && Math.abs(clock.now() - known.at) < SIZE_KEPT_MS) return known.size
      const size = await count(anyOf(terms), { hint: 'listing_created', limit: LOOKED_AT + 1 })
      sizes.set(key, { size, at: clock.now() })
      return size
    },
  }
}

/** The group with the fewest products; everything where nothing is asked. */
export async function rarestOf(
  reader: ListingReader,
  groups: readonly Terms[],
): Promise<{ terms: Terms; size: number } | undefined> {
  const sizes = await Promise.all(groups.map(async (terms) => ({ terms, size: await reader.size(terms) })))
  return sizes.reduce<{ terms: Terms; size: number } | undefined>(
    (least, group) => (least && least.size <= group.size ? least : group),
    undefined,
  )
}

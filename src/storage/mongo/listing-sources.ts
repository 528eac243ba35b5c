import type { Document } from 'mongodb'
import { successor } from '../list-query.ts'
import { LOOKED_AT, lookedAt } from '../listing.ts'
import { searchWords } from '../listing-text.ts'
import type { Count } from '../storage.ts'
import { wordKey } from './listing-fields.ts'
import { anyOf, EVERYTHING, type Filter, isPriced, priceConditions } from './listing-filter.ts'
import { type ListingReader, rarestOf } from './listing-reader.ts'

/** Products that are met on the way to the matches of a count or a search. */
const MET = 50_000

/** A bounded number of products among which the matches are, before the filter. */
export interface Source {
  stages: Document[]
  hint: string
  /** Null when no bound left out anything; else how many products were looked at. */
  looked_at(): Promise<Count | null>
}

/** All that can match, when some condition leaves no more than can be sorted; else undefined. */
export async function fewOf(reader: ListingReader, filter: Filter): Promise<Source | undefined> {
  const rarest = await rarestOf(reader, filter.groups)
  const driver = anyOf(rarest?.terms ?? EVERYTHING)
  if (rarest && rarest.size <= LOOKED_AT) return all(driver, 'listing_created')
  if (!isPriced(filter)) return undefined
  const priced = Object.assign({}, driver, ...priceConditions(filter)) as Document
  const found = await reader.count(priced, { hint: 'listing_price', limit: LOOKED_AT + 1 })
  return found <= LOOKED_AT ? all(priced, 'listing_price') : undefined
}

function all(match: Document, hint: string): Source {
  return { stages: [{ $match: match }], hint, looked_at: async () => null }
}

/** The newest products under the rarest condition. */
export async function newestOf(reader: ListingReader, filter: Filter): Promise<Source> {
  const rarest = await rarestOf(reader, filter.groups)
  const match = anyOf(rarest?.terms ?? EVERYTHING)
  const hint = 'listing_created'
  return {
    stages: newest(match),
    hint,
    looked_at: async () => lookedAt(await reader.count(match, { hint, limit: MET }), MET),
  }
}

/**
 * The first `limit` products that have all words in this field, the last as a prefix; undefined when there are no words. One
 * word is a range of the index, in which those with the whole word come first. Of several the longest but the last, likely
 * the rarest, is walked from the newest product on, and the others are checked on the way.
 */
export function wordsIn(
  reader: ListingReader,
  text: string,
  { field, limit }: { field: 'named' | 'words'; limit: number },
): Source | undefined {
  const words = searchWords(text).map(wordKey)
  const last = words.pop()
  if (last === undefined) return undefined
  const path = `_listing.${field}`
  const hint = `listing_${field}`
  const end = successor(last)
  const begun = { [path]: { $elemMatch: { $gte: last, ...(end !== undefined && { $lt: end }) } } }
  const [longest, ...others] = words.sort((a, b) => b.length - a.length)
  if (longest === undefined) {
    return {
      stages: [{ $match: begun }, { $limit: limit }],
      hint,
      looked_at: async () => lookedAt(await reader.count(begun, { hint, limit }), limit),
    }
  }
  const match = { [path]: longest }
  const rest = { $match: { $and: [...others.map((word) => ({ [path]: word })), begun] } }
  const stages = [...newest(match), rest, { $limit: limit }]
  return {
    stages,
    hint,
    async looked_at() {
      const [met, [found]] = await Promise.all([
        reader.count(match, { hint, limit: MET }),
        reader.rows<{ count: number }>([...stages, { $count: 'count' }], { hint }),
      ])
      const value = found?.count ?? 0
      return met < MET ? lookedAt(value, limit) : { value, relation: 'gte' }
    },
  }
}

function newest(match: Document): Document[] {
  return [{ $match: match }, { $sort: { _id: -1 } }, { $limit: MET }]
}

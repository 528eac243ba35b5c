import { compareBytes } from '../byte-order.ts'
import { type ListingPage, type ListingQuery, LOOKED_AT, RANKED } from '../listing.ts'
import { type Candidate, score } from '../listing-score.ts'
import { searchWords } from '../listing-text.ts'
import { allConditions, type Filter, keep } from './listing-filter.ts'
import type { ListingReader } from './listing-reader.ts'
import {
  CARD,
  type CardRow,
  NOTHING,
  type OrderedQuery,
  type Place,
  pageOf,
  toPlace,
} from './listing-rows.ts'
import { sortedPage } from './listing-sorted.ts'
import { type Source, wordsIn } from './listing-sources.ts'

const CANDIDATE = { name: '$_listing.name', sold: '$_figures.sold', available: '$_figures.available' }

/** A page of products that hold all words of `query.text`. */
export async function searchPage(
  reader: ListingReader,
  filter: Filter,
  query: ListingQuery & { text: string },
): Promise<ListingPage> {
  const narrowed = allConditions(filter).length > 0
  const limit = query.sort === 'relevance' && !narrowed ? RANKED : LOOKED_AT
  const found = wordsIn(reader, query.text, { field: 'words', limit })
  if (!found) return NOTHING
  const named = wordsIn(reader, query.text, { field: 'named', limit })!
  const [page, looked_at] = await Promise.all([
    query.sort === 'relevance'
      ? rankedPage(reader, { query, filter, sources: [named, found] })
      : sortedPage(reader, { source: found, filter, query: query as OrderedQuery }),
    found.looked_at(),
  ])
  return { ...page, looked_at }
}

interface Ranking {
  query: ListingQuery & { text: string }
  filter: Filter
  /** Those of the first are looked at first. */
  sources: Source[]
}

/** The page that these products make when they are filtered and ranked. */
async function rankedPage(reader: ListingReader, { query, filter, sources }: Ranking): Promise<ListingPage> {
  const after = toPlace(query.after, 'number')
  const conditions = keep(allConditions(filter))
  const candidates = await Promise.all(
    sources.map((source) =>
      reader.rows<Candidate & { _id: string }>(
        [...source.stages, ...conditions, { $project: CANDIDATE }],
        source,
      ),
    ),
  )
  const words = searchWords(query.text)
  const ranked = [...new Map(candidates.flat().map((one) => [one._id, one])).values()]
    .map((one): Place => ({ _id: one._id, key: score(one, words) }))
    .filter((place) => !after || byRank(after, place) < 0)
    .sort(byRank)
    .slice(0, query.limit + 1)
  const cards = await reader.rows<CardRow>(
    [{ $match: { _id: { $in: ranked.map(({ _id }) => _id) } } }, { $project: CARD }],
    { hint: '_id_' },
  )
  const byId = new Map(cards.filter(({ card }) => card !== undefined).map((row) => [row._id, row]))
  // A product that went since it was found is left out.
  const page = pageOf(
    ranked.slice(0, query.limit).flatMap((place) => byId.get(place._id) ?? []),
    query,
  )
  const last = ranked[query.limit - 1]
  return { ...page, next: ranked.length > query.limit ? { value: last!.key, id: last!._id } : null }
}

/** Best first, and the newest of equals. */
function byRank(a: Place, b: Place): number {
  return Number(b.key) - Number(a.key) || compareBytes(b._id, a._id)
}

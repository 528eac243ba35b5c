import type { Document } from 'mongodb'
import type { ListingPage } from '../listing.ts'
import { anyOf, type Filter, keep, otherConditions, priceConditions, type Terms } from './listing-filter.ts'
import type { ListingReader } from './listing-reader.ts'
import {
  CARD,
  type CardRow,
  keyType,
  type OrderedQuery,
  type Place,
  pageOf,
  placeFields,
  SORTS,
  type SortOrder,
  sortStage,
  toPlace,
  toPosition,
} from './listing-rows.ts'

export interface Walk {
  filter: Filter
  query: OrderedQuery
  /** Its range of the index is walked; what else was asked is checked on the way. */
  driver: Terms
  /** Products that may be looked at for one page. */
  rows: number
}

/**
 * A page by walking one index in the order asked for and leaving out what does not match. When the limit of rows is reached
 * first, the page is what was found so far: `complete` is false and `next` is where the walk stopped, so that following it
 * still misses nothing.
 */
export async function walkPage(
  reader: ListingReader,
  { filter, query, driver, rows }: Walk,
): Promise<{ page: ListingPage; complete: boolean }> {
  const sort = SORTS[query.sort]
  const wanted = query.limit + 1
  const byPrice = sort.index === 'listing_price'
  const range = { ...anyOf(driver), ...(byPrice && Object.assign({}, ...priceConditions(filter))) }
  const conditions = [...otherConditions(filter, driver), ...(byPrice ? [] : priceConditions(filter))]
  const found: CardRow[] = []
  for (const segment of segmentsOf(range, sort, toPlace(query.after, keyType(sort)))) {
    const stages = [{ $match: segment }, sortStage(sort)]
    const options = { hint: sort.index }
    found.push(
      ...(await reader.rows<CardRow>(
        [
          ...stages,
          ...(conditions.length === 0 ? [] : [{ $limit: rows }]),
          ...keep(conditions),
          { $limit: wanted - found.length },
          { $project: { ...placeFields(sort), ...CARD } },
        ],
        options,
      )),
    )
    if (found.length === wanted) break
    if (conditions.length === 0) continue
    const [stopped] = await reader.rows<Place>(
      [...stages, { $skip: rows - 1 }, { $limit: 1 }, { $project: placeFields(sort) }],
      options,
    )
    if (stopped) return { page: { ...pageOf(found, query), next: toPosition(stopped) }, complete: false }
  }
  return { page: pageOf(found, query), complete: true }
}

/**
 * What lies behind a place, in ranges of the index one after the other: products with the same key, then those beyond it.
 * As one condition it would be an alternative, for which the range is searched from its beginning.
 */
export function segmentsOf(
  range: Document,
  { path, direction }: SortOrder,
  after: Place | undefined,
): Document[] {
  if (!after) return [range]
  const beyond = direction === 1 ? '$gt' : '$lt'
  if (path === '_id') return [{ ...range, _id: { [beyond]: after._id } }]
  const bounds = (range[path] ?? {}) as Document
  return [
    { ...range, [path]: { ...bounds, $eq: after.key }, _id: { [beyond]: after._id } },
    { ...range, [path]: { ...bounds, [beyond]: after.key } },
  ]
}

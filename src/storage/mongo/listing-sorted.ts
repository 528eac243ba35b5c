import type { ListingPage } from '../listing.ts'
import { allConditions, type Filter, keep } from './listing-filter.ts'
import type { ListingReader } from './listing-reader.ts'
import {
  CARD,
  type CardRow,
  keyType,
  type OrderedQuery,
  pageOf,
  placeFields,
  SORTS,
  sortStage,
  toPlace,
} from './listing-rows.ts'
import type { Source } from './listing-sources.ts'
import { segmentsOf } from './listing-walk.ts'

/** The page that these products make when they are filtered and sorted. */
export async function sortedPage(
  reader: ListingReader,
  { source, filter, query }: { source: Source; filter: Filter; query: OrderedQuery },
): Promise<ListingPage> {
  const sort = SORTS[query.sort]
  const after = toPlace(query.after, keyType(sort))
  const rows = await reader.rows<CardRow>(
    [
      ...source.stages,
      ...keep([...allConditions(filter), ...(after ? [{ $or: segmentsOf({}, sort, after) }] : [])]),
      sortStage(sort),
      { $limit: query.limit + 1 },
      { $project: { ...placeFields(sort), ...CARD } },
    ],
    source,
  )
  return pageOf(rows, query)
}

import type { Document } from 'mongodb'
import { Refusal } from '../../kernel/errors.ts'
import type { ListingPage, ListingPosition, ListingQuery, ListingSort } from '../listing.ts'
import { completeCard, type ListingFigures } from '../listing-figures.ts'

/** An order with the path that it goes by and the index that is so. Equals lie in the order of their ids, which is that of creation. */
export interface SortOrder {
  path: string
  index: string
  direction: 1 | -1
}

export type OrderedSort = Exclude<ListingSort, 'relevance'>
export type OrderedQuery = ListingQuery & { sort: OrderedSort }

export const SORTS: Record<OrderedSort, SortOrder> = {
  '-created_at': { path: '_id', index: 'listing_created', direction: -1 },
  price: { path: '_listing.price', index: 'listing_price', direction: 1 },
  '-price': { path: '_listing.price', index: 'listing_price', direction: -1 },
  '-rating': { path: '_figures.rating', index: 'listing_rating', direction: -1 },
  '-sold': { path: '_figures.sold', index: 'listing_sold', direction: -1 },
  name: { path: '_listing.name', index: 'listing_name', direction: 1 },
}

export const NOTHING: ListingPage = { cards: [], next: null, looked_at: null }

/** A product's place in an order. */
export interface Place {
  _id: string
  key: string | number
}

export interface CardRow extends Place {
  card: string
  figures: ListingFigures
}

export const CARD: Document = { card: '$_listing.card', figures: '$_figures' }

export function sortStage({ path, direction }: SortOrder): Document {
  return { $sort: { [path]: direction, _id: direction } }
}

export function placeFields({ path }: SortOrder): Document {
  return { _id: 1, key: `$${path}` }
}

export function toPosition({ _id, key }: Place): ListingPosition {
  return { value: key, id: _id }
}

/** A cursor comes from outside: whatever else it holds must not become part of a filter. */
export function toPlace(position: ListingPosition | undefined, type: 'string' | 'number'): Place | undefined {
  if (!position) return undefined
  const { value, id } = position
  if (typeof id !== 'string' || typeof value !== type)
    throw new Refusal('malformed', 'bad_cursor', 'The cursor is damaged.')
  return { _id: id, key: value }
}

export function keyType({ path }: SortOrder): 'string' | 'number' {
  return path === '_id' || path === '_listing.name' ? 'string' : 'number'
}

/** The first `limit` of these rows, and where to go on if there are more. */
export function pageOf(
  rows: readonly CardRow[],
  { limit, available_cap = Number.MAX_SAFE_INTEGER }: Pick<ListingQuery, 'limit' | 'available_cap'>,
): ListingPage {
  const shown = rows.slice(0, limit)
  return {
    cards: shown.map(({ card, figures }) => completeCard({ card, ...figures }, available_cap)),
    next: rows.length > limit ? toPosition(shown.at(-1)!) : null,
    looked_at: null,
  }
}

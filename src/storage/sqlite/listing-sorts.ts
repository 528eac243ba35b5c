import type { TermKind } from './listing-tables.ts'

/** Of these kinds the postings are in the index by name; of the others a list by name is sorted when it is asked for. */
export const NAMED_KINDS: readonly TermKind[] = ['all', 'category']

/** A column in which lists are ordered, with the index that is so. */
export interface SortOrder {
  column: 'number' | 'price' | 'rating' | 'sold' | 'name'
  /** After `FROM listing_postings`. */
  indexed: string
  /** What the WHERE needs so that the index applies. */
  needs: string
  descending: boolean
  /** Whether postings of tags and attributes are in the index. */
  every_kind: boolean
}

/** Every order but relevance, which is computed. */
export const SORTS = {
  '-created_at': { column: 'number', indexed: '', needs: '', descending: true, every_kind: true },
  price: by('price', false),
  '-price': by('price', true),
  '-rating': by('rating', true),
  '-sold': by('sold', true),
  name: { ...by('name', false), needs: 'name IS NOT NULL', every_kind: false },
} as const satisfies Record<string, SortOrder>

export type OrderedSort = keyof typeof SORTS

function by(column: 'price' | 'rating' | 'sold' | 'name', descending: boolean): SortOrder {
  return { column, indexed: `INDEXED BY listing_postings_${column}`, needs: '', descending, every_kind: true }
}

import type { IndexPlan } from './index-plan.ts'

/**
 * The indexes of a listed collection: for each order the terms before its key, so that every (filter, order) is one range
 * of one index; and the words, newest products first. An index holds an entry per term and product, so there is none
 * for combinations of terms: what else was asked is checked on the way.
 */
export function listingIndexes(collection: string): IndexPlan[] {
  const by = (name: string, key: IndexPlan['key']): IndexPlan => ({
    collection,
    name: `listing_${name}`,
    key: { '_listing.terms': 1, ...key, _id: 1 },
  })
  const words = (name: string): IndexPlan => ({
    collection,
    name: `listing_${name}`,
    key: { [`_listing.${name}`]: 1, _id: -1 },
  })
  return [
    by('created', {}),
    by('price', { '_listing.currency': 1, '_listing.price': 1 }),
    by('rating', { '_figures.rating': 1 }),
    by('sold', { '_figures.sold': 1 }),
    by('name', { '_listing.name': 1 }),
    words('words'),
    words('named'),
  ]
}

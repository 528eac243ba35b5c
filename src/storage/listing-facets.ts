import type { ListingFacets } from './listing.ts'
import { priceBands } from './listing-price-bands.ts'
import type { Count } from './storage.ts'

/** Values of one facet that are told; the rest are too rare to choose by. */
const MAX_FACET_VALUES = 100

/** How many matches are in a category, or have a tag or an attribute (`name=value`). */
export interface FacetTerm {
  kind: string
  value: string
  count: number
}

/** The facets of matches whose terms were counted, most frequent first. */
export function facetsIn(
  terms: readonly FacetTerm[],
  { total, prices }: { total: Count; prices: number[] },
): ListingFacets {
  const of = (kind: string) => terms.filter((term) => term.kind === kind).slice(0, MAX_FACET_VALUES)
  return {
    total,
    categories: of('category').map(({ value, count }) => ({ value, count })),
    tags: of('tag').map(({ value, count }) => ({ value, count })),
    attributes: of('attribute').map(({ value, count }) => {
      const at = value.indexOf('=')
      return { name: value.slice(0, at), value: value.slice(at + 1), count }
    }),
    prices: priceBands(prices),
  }
}

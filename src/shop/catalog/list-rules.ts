import { attributeTerm } from './card-schema.ts'
import { ATTRIBUTE_PREFIX, type ProductFilter } from './list-query-schema.ts'
import type { FacetsView, ListingFacets, ListingFilter, ListingSort } from './list-schema.ts'

/** The attributes that a query string filters by. */
export function attributesOf(query: Record<string, unknown>): Record<string, string> {
  const asked = Object.entries(query).filter(([name]) => name.startsWith(ATTRIBUTE_PREFIX))
  return Object.fromEntries(
    asked.map(([name, value]) => [name.slice(ATTRIBUTE_PREFIX.length), String(value)]),
  )
}

/** A search for nothing is no search: an emptied search field shows the list. */
export function withoutEmptySearch<Filter extends { q?: string }>(filter: Filter): Filter {
  if (filter.q === undefined || filter.q.trim() !== '') return filter
  const { q: _, ...rest } = filter
  return rest as Filter
}

/** A list's filter as the listing takes it. Amounts are compared within one currency only. */
export function listingFilter(
  filter: ProductFilter,
  context: { categories: readonly string[] | undefined; sort: ListingSort; shop_currency: string },
): ListingFilter {
  const { q, min_price, max_price, in_stock, tag, attributes } = filter
  const comparesPrices = min_price !== undefined || max_price !== undefined || context.sort.endsWith('price')
  const currency = filter.currency ?? (comparesPrices ? context.shop_currency : undefined)
  return {
    ...(q !== undefined && { text: q }),
    ...(context.categories && { categories: context.categories }),
    ...(tag !== undefined && { tag }),
    attributes: Object.entries(attributes).map(([name, value]) => attributeTerm(name, value)),
    ...(currency !== undefined && { currency }),
    ...(min_price !== undefined && { min_price }),
    ...(max_price !== undefined && { max_price }),
    ...(in_stock !== undefined && { in_stock }),
  }
}

/** Facets with names of categories; those that are gone are left out. */
export function facetsView(
  facets: ListingFacets,
  context: { named: ReadonlyMap<string, { name: string; slug: string }>; currency: string },
): FacetsView {
  const attributes = new Map<string, { value: string; count: number }[]>()
  for (const { name, value, count } of facets.attributes) {
    attributes.set(name, [...(attributes.get(name) ?? []), { value, count }])
  }
  return {
    total: facets.total,
    categories: facets.categories.flatMap(({ value, count }) => {
      const category = context.named.get(value)
      return category ? [{ id: value, slug: category.slug, name: category.name, count }] : []
    }),
    tags: facets.tags,
    attributes: [...attributes].map(([name, values]) => ({ name, values })),
    prices: facets.prices.map((band) => ({ currency: context.currency, ...band })),
  }
}

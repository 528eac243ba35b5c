import {
  type ListingPosition,
  type ListingSort,
  PRODUCT_STATS,
  type ProductStats,
} from '../../storage/listing.ts'
import type { Collection, Count, Position, Storage } from '../../storage/storage.ts'
import { cardFields } from './card-schema.ts'
import type { Categories } from './categories.ts'
import type { ProductFilter } from './list-query-schema.ts'
import { facetsView, listingFilter } from './list-rules.ts'
import type { FacetsView } from './list-schema.ts'
import { type Product, type ProductStatus, SHOPPER_AVAILABLE_CAP } from './schema.ts'
import { ratingOf } from './view-rules.ts'

interface Needs {
  storage: Pick<Storage, 'listing' | 'rollUps'>
  products: Pick<Collection<Product>, 'list' | 'count'>
  categories: Pick<Categories, 'descendants' | 'named'>
  /** The shop's. */
  currency: string
}

export interface ProductListQuery {
  filter: ProductFilter
  sort: ListingSort
  after: ListingPosition | undefined
  limit: number
  /** Staff see how many there really are. */
  exact: boolean
  total: boolean
  facets: boolean
}

/** A page of a list. `cards` are JSON texts, ready to be sent. */
export interface ProductListPage {
  cards: string[]
  next: ListingPosition | Position | null
  looked_at?: Count | undefined
  total?: Count | undefined
  facets?: FacetsView | undefined
}

/** Lists of products. What shoppers ask is answered from the listing, which holds active products only. */
export function createLists({ storage, products, categories, currency }: Needs) {
  const { listing } = storage

  async function list({
    filter,
    sort,
    after,
    limit,
    exact,
    total,
    facets,
  }: ProductListQuery): Promise<ProductListPage> {
    const ids = filter.category === undefined ? undefined : await categories.descendants(filter.category)
    const query = listingFilter(filter, { categories: ids, sort, shop_currency: currency })
    const cap = exact ? {} : { available_cap: SHOPPER_AVAILABLE_CAP }
    const [page, count, facetsFound] = await Promise.all([
      listing.page({ ...query, sort, limit, ...(after && { after }), ...cap }),
      total ? listing.count(query) : undefined,
      facets ? facetsOf(query) : undefined,
    ])
    return {
      cards: page.cards,
      next: page.next,
      looked_at: page.looked_at ?? undefined,
      total: count,
      facets: facetsFound,
    }
  }

  async function facetsOf(query: ReturnType<typeof listingFilter>): Promise<FacetsView> {
    const inCurrency = query.currency ?? currency
    const facets = await listing.facets(query, inCurrency)
    const named = await categories.named(facets.categories.map(({ value }) => value))
    return facetsView(facets, { named, currency: inCurrency })
  }

  /** Products in one status for staff, newest first. */
  async function listByStatus(query: {
    status: ProductStatus
    after: Position | undefined
    limit: number
    total: boolean
  }): Promise<ProductListPage> {
    const { status, after, limit, total } = query
    const range = { index: 'by_status', equal: [status] }
    const { items, next } = await products.list({ ...range, order: 'desc', limit, ...(after && { after }) })
    const rollUps = await storage.rollUps.read(
      PRODUCT_STATS,
      items.map(({ id }) => id),
    )
    const stats = new Map(rollUps.map(({ id, body }) => [id, body as ProductStats]))
    const cards = items.map((product) => {
      const known = stats.get(product.id)
      return JSON.stringify({
        ...cardFields(product),
        available: known?.available_total ?? 0,
        rating: ratingOf(known),
      })
    })
    return { cards, next, ...(total && { total: await products.count(range) }) }
  }

  return { list, listByStatus }
}

/** The answer's JSON text from its ready parts. */
export function listText(
  { cards, looked_at, total, facets }: ProductListPage,
  next_cursor: string | null,
): string {
  const rest = JSON.stringify({ next_cursor, total, looked_at, facets })
  return `{"items":[${cards.join(',')}],${rest.slice(1)}`
}

import { type Static, Type } from 'typebox'
import { MAX_AMOUNT } from '../../kernel/money.ts'

export type { ListingFacets, ListingFilter, ListingSort } from '../../storage/listing.ts'

import { ATTRIBUTE_NAME, PRODUCT_STATUSES, ProductCard } from './schema.ts'

export const PRODUCT_SORTS = [
  'relevance',
  '-created_at',
  'price',
  '-price',
  '-rating',
  '-sold',
  'name',
] as const
/** Longer than any search; of one so long only the first words count. */
const MAX_SEARCH_LENGTH = 6_000
const closed = { additionalProperties: false } as const

export const ATTRIBUTE_PREFIX = 'attr.'
/** An attribute that is filtered by stands in the query as `attr.<name>`. */
export const ATTRIBUTE_PARAMETER = `^attr\\.${ATTRIBUTE_NAME.slice(1)}`

const Amount = Type.Integer({ minimum: 0, maximum: MAX_AMOUNT })

export const productFilters = {
  q: Type.Optional(
    Type.String({
      maxLength: MAX_SEARCH_LENGTH,
      description: 'Words that all occur, the last one perhaps begun; the first 16 count',
    }),
  ),
  category: Type.Optional(
    Type.String({ maxLength: 64, description: 'Id or slug; with all categories below it' }),
  ),
  min_price: Type.Optional(Amount),
  max_price: Type.Optional(Amount),
  currency: Type.Optional(
    Type.String({ pattern: '^[A-Z]{3}$', description: "Of the prices asked for; the shop's if left out" }),
  ),
  in_stock: Type.Optional(Type.Boolean({ description: 'false: what is sold out' })),
  tag: Type.Optional(Type.String({ maxLength: 100 })),
  status: Type.Optional(
    Type.Enum([...PRODUCT_STATUSES], {
      description: 'For staff: drafts or archived products, newest first, without other filters',
    }),
  ),
}

export const ProductList = Type.Object(
  {
    items: Type.Array(ProductCard),
    next_cursor: Type.Union([Type.String(), Type.Null()], {
      description: 'A page may be short, even empty, and still go on: follow it until it is null',
    }),
    total: Type.Optional(count('Counting stops at 10,000')),
    looked_at: Type.Optional(
      count('Of a search: how many of the newest matches were ranked, when there are more'),
    ),
    facets: Type.Optional(
      Type.Object(
        {
          total: count('Matches that were counted, the newest ones'),
          categories: Type.Array(
            Type.Object(
              { id: Type.String(), slug: Type.String(), name: Type.String(), count: Type.Integer() },
              closed,
            ),
          ),
          tags: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() }, closed)),
          attributes: Type.Array(
            Type.Object(
              {
                name: Type.String(),
                values: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() }, closed)),
              },
              closed,
            ),
          ),
          prices: Type.Array(
            Type.Object(
              {
                currency: Type.String(),
                from: Type.Integer(),
                before: Type.Union([Type.Integer(), Type.Null()]),
                count: Type.Integer(),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type ProductList = Static<typeof ProductList>
export type FacetsView = NonNullable<ProductList['facets']>

function count(description: string) {
  return Type.Object(
    { value: Type.Integer(), relation: Type.Enum(['eq', 'gte']) },
    { ...closed, description },
  )
}

/** What decides which products are in a list. */
export interface ProductFilter {
  q?: string
  category?: string
  min_price?: number
  max_price?: number
  currency?: string
  in_stock?: boolean
  tag?: string
  attributes: Record<string, string>
}

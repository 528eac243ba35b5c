import { type Static, Type } from 'typebox'
import { ProductCard } from './schema.ts'

export type { ListingFacets, ListingFilter, ListingSort } from '../../storage/listing.ts'

const closed = { additionalProperties: false } as const

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

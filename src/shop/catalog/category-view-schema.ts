import { type Static, Type } from 'typebox'
import { MAX_CATEGORY_DEPTH } from './category-schema.ts'

const closed = { additionalProperties: false } as const

/** A category as it is answered. */
export const CategoryView = Type.Object(
  {
    id: Type.String(),
    version: Type.Integer(),
    created_at: Type.String({ format: 'date-time' }),
    updated_at: Type.String({ format: 'date-time' }),
    name: Type.String(),
    slug: Type.String(),
    description: Type.String(),
    parent_id: Type.Union([Type.String(), Type.Null()]),
    position: Type.Integer(),
    product_count: Type.Integer({ description: 'Active products in the category itself' }),
  },
  closed,
)
export type CategoryView = Static<typeof CategoryView>

/** A category with all below it. */
export type CategoryBranch = CategoryView & { children: CategoryBranch[] }

/** A category with its children. Its depth is bounded, so it is written out level by level. */
function branchOf(levels: number): ReturnType<typeof Type.Object> {
  const children = levels <= 1 ? Type.Array(Type.Never(), { maxItems: 0 }) : Type.Array(branchOf(levels - 1))
  return Type.Object({ ...CategoryView.properties, children }, closed)
}

/** All categories from the roots. */
export const CategoryTreeView = Type.Object({ items: Type.Array(branchOf(MAX_CATEGORY_DEPTH)) }, closed)

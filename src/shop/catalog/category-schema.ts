import { type Static, Type } from 'typebox'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export const MAX_CATEGORIES = 5_000
export const MAX_CATEGORY_DEPTH = 8
const MAX_CATEGORY_NAME = 100
const MAX_CATEGORY_DESCRIPTION = 5_000

const closed = { additionalProperties: false } as const

const fields = {
  name: Type.String({ minLength: 1, maxLength: MAX_CATEGORY_NAME, pattern: '\\S' }),
  slug: Type.Optional(Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 64 })),
  description: Type.Optional(Type.String({ maxLength: MAX_CATEGORY_DESCRIPTION })),
  parent_id: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()])),
  position: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      description: 'Order among siblings; the last if left out',
    }),
  ),
}

export const NewCategory = Type.Object(fields, closed)
export type NewCategory = Static<typeof NewCategory>

export const CategoryChange = Type.Object(
  { ...fields, name: Type.Optional(fields.name) },
  { ...closed, minProperties: 1 },
)
export type CategoryChange = Static<typeof CategoryChange>

/** A category's place. Names and texts lie in its own document. */
export interface CategoryNode {
  id: string
  parent_id: string | null
  slug: string
  position: number
}

/** A change that the tree has decided and the category's own document may not have yet. */
export interface CategoryStep {
  kind: 'created' | 'updated' | 'deleted'
  /** Rises with each step of the tree; a document that is as far has taken it. */
  step: number
  event_id: string
  at: number
  actor: string
  node: CategoryNode
  name?: string
  description?: string
  /** Fields of the place that changed. */
  moved: string[]
}

/** Decides all that concerns several categories; changed first, by compare-and-set. */
export interface CategoryTree extends Stored {
  nodes: CategoryNode[]
  /** Rises with each change. */
  step: number
  pending: CategoryStep[]
}

export interface Category extends Stored {
  name: string
  description: string
  /** The last step of the tree that this document has taken. */
  step: number
  deleted_at?: string
}

export const CATEGORY_TREES: CollectionDefinition<CategoryTree> = { name: 'category_trees', indexes: {} }
export const CATEGORIES: CollectionDefinition<Category> = { name: 'categories', indexes: {} }

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

export type CategoryBranch = CategoryView & { children: CategoryBranch[] }

/** A category with its children. Its depth is bounded, so it is written out level by level. */
function branchOf(levels: number): ReturnType<typeof Type.Object> {
  const children = levels <= 1 ? Type.Array(Type.Never(), { maxItems: 0 }) : Type.Array(branchOf(levels - 1))
  return Type.Object({ ...CategoryView.properties, children }, closed)
}

export const CategoryTreeView = Type.Object({ items: Type.Array(branchOf(MAX_CATEGORY_DEPTH)) }, closed)

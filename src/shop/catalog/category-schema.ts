import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export const MAX_CATEGORIES = 5_000
export const MAX_CATEGORY_DEPTH = 8

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

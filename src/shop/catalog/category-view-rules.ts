import { childrenOf } from './category-nesting-rules.ts'
import type { Category, CategoryNode } from './category-schema.ts'
import type { CategoryBranch, CategoryView } from './category-view-schema.ts'

/** A category as it is answered; one whose own document is not there yet goes by its slug. */
export function categoryView(
  node: CategoryNode,
  category: Category | undefined,
  product_count: number,
): CategoryView {
  return {
    id: node.id,
    version: category?.version ?? 0,
    created_at: category?.created_at ?? '1970-01-01T00:00:00.000Z',
    updated_at: category?.updated_at ?? '1970-01-01T00:00:00.000Z',
    name: category?.name ?? node.slug,
    slug: node.slug,
    description: category?.description ?? '',
    parent_id: node.parent_id,
    position: node.position,
    product_count,
  }
}

/** The tree from its roots. */
export function branches(views: readonly CategoryView[]): CategoryBranch[] {
  const byId = new Map(views.map((view) => [view.id, view]))
  const children = childrenOf(views)
  const below = (parent_id: string | null): CategoryBranch[] =>
    (children.get(parent_id) ?? []).map(({ id }) => ({ ...byId.get(id)!, children: below(id) }))
  return below(null)
}

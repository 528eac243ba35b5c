import { Refusal } from '../../kernel/errors.ts'
import {
  type Category,
  type CategoryBranch,
  type CategoryChange,
  type CategoryNode,
  type CategoryTree,
  type CategoryView,
  MAX_CATEGORIES,
  MAX_CATEGORY_DEPTH,
} from './category-schema.ts'

type Nodes = readonly CategoryNode[]

/** The places after a category came. Throws when the place is not free or not there. */
export function withNode(nodes: Nodes, node: CategoryNode): CategoryNode[] {
  if (nodes.length >= MAX_CATEGORIES)
    throw new Refusal('conflict', 'too_many_categories', `A shop has at most ${MAX_CATEGORIES} categories.`)
  const after = [...nodes, node]
  assertPlace(after, node)
  return after
}

/** The places after a category took another one. */
export function withMoved(nodes: Nodes, node: CategoryNode): CategoryNode[] {
  const after = nodes.map((other) => (other.id === node.id ? node : other))
  assertPlace(after, node)
  return after
}

/** The places after a category went. Throws `conflict` while it has children. */
export function withoutNode(nodes: Nodes, id: string): CategoryNode[] {
  if (nodes.some((node) => node.parent_id === id))
    throw new Refusal('conflict', 'category_not_empty', 'The category has categories below it.')
  return nodes.filter((node) => node.id !== id)
}

/** The place that a change gives a category. */
export function movedNode(nodes: Nodes, node: CategoryNode, change: CategoryChange): CategoryNode {
  const parent_id = change.parent_id === undefined ? node.parent_id : change.parent_id
  const position =
    change.position ?? (parent_id === node.parent_id ? node.position : lastPosition(nodes, parent_id))
  return { ...node, parent_id, slug: change.slug ?? node.slug, position }
}

export function lastPosition(nodes: Nodes, parent_id: string | null): number {
  return (
    1 +
    nodes.reduce((last, node) => (node.parent_id === parent_id ? Math.max(last, node.position) : last), -1)
  )
}

/** Names of the fields of the place that differ. */
export function movedNames(before: CategoryNode, after: CategoryNode): string[] {
  return (['slug', 'parent_id', 'position'] as const).filter((name) => before[name] !== after[name])
}

function assertPlace(nodes: Nodes, node: CategoryNode): void {
  const byId = new Map(nodes.map((other) => [other.id, other]))
  if (node.parent_id !== null && !byId.has(node.parent_id))
    throw new Refusal('unprocessable', 'unknown_category', 'There is no category with the id of `parent_id`.')
  if (
    nodes.some(
      (other) => other.id !== node.id && other.parent_id === node.parent_id && other.slug === node.slug,
    )
  )
    throw new Refusal('conflict', 'slug_taken', 'A category beside it has this slug.')
  let above = 1
  for (let at = node.parent_id; at !== null; at = byId.get(at)!.parent_id) {
    if (at === node.id) throw new Refusal('conflict', 'category_cycle', 'A category cannot lie below itself.')
    above += 1
  }
  if (above + height(childrenOf(nodes), node.id) - 1 > MAX_CATEGORY_DEPTH)
    throw new Refusal('conflict', 'category_too_deep', `Categories nest at most ${MAX_CATEGORY_DEPTH} deep.`)
}

function height(children: ReadonlyMap<string | null, CategoryNode[]>, id: string): number {
  return 1 + Math.max(0, ...(children.get(id) ?? []).map((child) => height(children, child.id)))
}

/** By parent, in their order. */
export function childrenOf(nodes: Nodes): Map<string | null, CategoryNode[]> {
  const children = new Map<string | null, CategoryNode[]>()
  const ordered = [...nodes].sort((a, b) => a.position - b.position || (a.slug < b.slug ? -1 : 1))
  for (const node of ordered) {
    const siblings = children.get(node.parent_id)
    if (siblings) siblings.push(node)
    else children.set(node.parent_id, [node])
  }
  return children
}

/** Ids of the categories that `key` (an id or a slug) names, with all below them. */
export function withDescendants(tree: Pick<CategoryTree, 'nodes'>, key: string): string[] {
  const children = childrenOf(tree.nodes)
  const found = new Set<string>()
  const visit = (id: string) => {
    if (found.has(id)) return
    found.add(id)
    for (const child of children.get(id) ?? []) visit(child.id)
  }
  for (const node of tree.nodes) if (node.id === key || node.slug === key) visit(node.id)
  return [...found]
}

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

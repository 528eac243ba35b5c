import { Refusal } from '../../kernel/errors.ts'
import { assertPlace, type Nodes } from './category-nesting-rules.ts'
import type { CategoryChange } from './category-requests-schema.ts'
import { type CategoryNode, MAX_CATEGORIES } from './category-schema.ts'

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

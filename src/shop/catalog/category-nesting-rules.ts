import { Refusal } from '../../kernel/errors.ts'
import { type CategoryNode, MAX_CATEGORY_DEPTH } from './category-schema.ts'

/** The places of all categories. */
export type Nodes = readonly CategoryNode[]

/** Throws when the parent of a node is not there, its slug is taken beside it, or it lies below itself or too deep. */
export function assertPlace(nodes: Nodes, node: CategoryNode): void {
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
export function withDescendants(
  { nodes, children }: { nodes: Nodes; children: ReturnType<typeof childrenOf> },
  key: string,
): string[] {
  const found = new Set<string>()
  const visit = (id: string) => {
    if (found.has(id)) return
    found.add(id)
    for (const child of children.get(id) ?? []) visit(child.id)
  }
  for (const node of nodes) if (node.id === key || node.slug === key) visit(node.id)
  return [...found]
}

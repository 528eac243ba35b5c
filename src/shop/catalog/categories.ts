import type { Clock } from '../../kernel/clock.ts'
import { Refusal } from '../../kernel/errors.ts'
import { withPrefix } from '../../kernel/ids.ts'
import type { Collection, Storage } from '../../storage/storage.ts'
import { withDescendants } from './category-nesting-rules.ts'
import type { CategoryChange, NewCategory } from './category-requests-schema.ts'
import { lastPosition, movedNames, movedNode, withMoved, withNode, withoutNode } from './category-rules.ts'
import { CATEGORIES, type CategoryNode } from './category-schema.ts'
import { createCategorySteps } from './category-steps.ts'
import { createCategoryTree } from './category-tree.ts'
import { branches, categoryView } from './category-view-rules.ts'
import type { CategoryBranch, CategoryView } from './category-view-schema.ts'
import { categoryNotFound, versionMoved } from './refusal-rules.ts'
import type { Product } from './schema.ts'
import { slugOf } from './slug-rules.ts'

/** Documents of one reading. */
const READ_AT_ONCE = 500

interface Needs {
  storage: Pick<Storage, 'collection' | 'listing'>
  products: Pick<Collection<Product>, 'count'>
  clock: Clock
  /** Called when a category went: answers that name it are void. */
  onRemoved(): void
}

export type Categories = ReturnType<typeof createCategories>

/** The tree of categories. One document decides about places; each category's own document follows it. */
export function createCategories({ storage, products, clock, onRemoved }: Needs) {
  const documents = storage.collection(CATEGORIES)
  const { take } = createCategorySteps({ documents })
  const { tree, advance, change, has } = createCategoryTree({ storage, clock, take })

  async function create(
    input: NewCategory,
    { operation_id, actor }: { operation_id: string; actor: string },
  ) {
    const id = withPrefix(operation_id, 'cat')
    await advance()
    if (!(await has(id))) {
      await change(actor, async (nodes) => {
        const parent_id = input.parent_id ?? null
        const node = {
          id,
          parent_id,
          slug: input.slug ?? slugOf(input.name),
          position: input.position ?? lastPosition(nodes, parent_id),
        }
        return {
          kind: 'created',
          nodes: withNode(nodes, node),
          node,
          name: input.name.trim(),
          description: input.description,
          moved: [],
        }
      })
    }
    return get(id)
  }

  async function update(
    id: string,
    input: CategoryChange,
    { actor, expected_version }: { actor: string; expected_version: number | undefined },
  ) {
    await change(actor, async (nodes) => {
      const before = await demand(nodes, id, expected_version)
      const node = movedNode(nodes, before, input)
      const { name, description } = input
      return {
        kind: 'updated',
        nodes: withMoved(nodes, node),
        node,
        name: name?.trim(),
        description,
        moved: movedNames(before, node),
      }
    })
    return get(id)
  }

  /** Takes an empty category away. A product that still points at it reads as without it. */
  async function remove(
    id: string,
    { actor, expected_version }: { actor: string; expected_version: number | undefined },
  ) {
    await change(actor, async (nodes) => {
      const node = await demand(nodes, id, expected_version)
      await assertNoProducts(id)
      return { kind: 'deleted', nodes: withoutNode(nodes, id), node, moved: [] }
    })
    onRemoved()
  }

  async function assertNoProducts(id: string): Promise<void> {
    for (const status of ['active', 'draft'] as const) {
      const { value } = await products.count({ index: 'by_category', equal: [id, status] })
      if (value > 0)
        throw new Refusal('conflict', 'category_not_empty', 'The category has products; move them first.')
    }
  }

  async function demand(
    nodes: readonly CategoryNode[],
    id: string,
    expected: number | undefined,
  ): Promise<CategoryNode> {
    const node = nodes.find((other) => other.id === id)
    if (!node) throw categoryNotFound()
    if (expected !== undefined && (await documents.get(id))?.version !== expected) throw versionMoved()
    return node
  }

  async function get(id: string): Promise<CategoryView> {
    const [{ nodes }, counts] = [await tree(), await storage.listing.categoryCounts()]
    const node = nodes.find((other) => other.id === id)
    if (!node) throw categoryNotFound()
    return categoryView(node, await documents.get(id), counts.get(id) ?? 0)
  }

  /** All categories as a tree, siblings in their order. */
  async function all(): Promise<CategoryBranch[]> {
    const [{ nodes }, counts] = [await tree(), await storage.listing.categoryCounts()]
    const names = new Map<string, Awaited<ReturnType<typeof documents.getMany>>[number]>()
    for (let from = 0; from < nodes.length; from += READ_AT_ONCE) {
      const ids = nodes.slice(from, from + READ_AT_ONCE).map((node) => node.id)
      for (const category of await documents.getMany(ids)) names.set(category.id, category)
    }
    return branches(nodes.map((node) => categoryView(node, names.get(node.id), counts.get(node.id) ?? 0)))
  }

  return {
    create,
    update,
    remove,
    get,
    all,
    recover: advance,
    /** Ids of a category, by id or slug, and of all below it. */
    descendants: async (key: string): Promise<string[]> => withDescendants(await tree(), key),
    /** Says of an id whether there is such a category. */
    async known(): Promise<(id: string) => boolean> {
      const ids = new Set((await tree()).nodes.map((node) => node.id))
      return (id) => ids.has(id)
    },
    /** Name and slug by id, for facets. */
    async named(ids: readonly string[]): Promise<Map<string, { name: string; slug: string }>> {
      const slugs = new Map((await tree()).nodes.map((node) => [node.id, node.slug]))
      const found = await documents.getMany(ids.filter((id) => slugs.has(id)))
      return new Map(found.map(({ id, name }) => [id, { name, slug: slugs.get(id)! }]))
    },
  }
}

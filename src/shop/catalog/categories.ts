import type { Clock } from '../../kernel/clock.ts'
import { Refusal } from '../../kernel/errors.ts'
import { withPrefix } from '../../kernel/ids.ts'
import type { Nodes } from '../../kernel/nodes.ts'
import type { Collection, Storage } from '../../storage/storage.ts'
import { withDescendants } from './category-nesting-rules.ts'
import type { CategoryChange, NewCategory } from './category-requests-schema.ts'
import { lastPosition, movedNames, movedNode, withMoved, withNode, withoutNode } from './category-rules.ts'
import { CATEGORIES, type Category, type CategoryNode } from './category-schema.ts'
import { createCategorySteps } from './category-steps.ts'
import { createCategoryTree, type Places } from './category-tree.ts'
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
  nodes: Nodes
  clock: Clock
  /** Called when a category went: answers that name it are void. */
  onRemoved(): void
}

export type Categories = ReturnType<typeof createCategories>

/** The tree of categories. One document decides about places; each category's own document follows it. */
export function createCategories({ storage, products, nodes, clock, onRemoved }: Needs) {
  const documents = storage.collection(CATEGORIES)
  const { take } = createCategorySteps({ documents })
  const read = new WeakMap<Places, Promise<Map<string, Category>>>()
  const { tree, newest, knowing, advance, change } = createCategoryTree({ storage, nodes, clock, take })

  async function create(
    input: NewCategory,
    { operation_id, actor }: { operation_id: string; actor: string },
  ) {
    const id = withPrefix(operation_id, 'cat')
    await change(actor, async (nodes) => {
      // An earlier try of the same operation has made it.
      if (nodes.some((node) => node.id === id)) return undefined
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
    const counts = await Promise.all(
      (['active', 'draft'] as const).map((status) =>
        products.count({ index: 'by_category', equal: [id, status] }),
      ),
    )
    if (counts.some(({ value }) => value > 0))
      throw new Refusal('conflict', 'category_not_empty', 'The category has products; move them first.')
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
    const [{ nodes }, category, counts] = await Promise.all([
      newest(),
      documents.get(id),
      storage.listing.categoryCounts(),
    ])
    const node = nodes.find((other) => other.id === id)
    if (!node) throw categoryNotFound()
    return categoryView(node, category, counts.get(id) ?? 0)
  }

  /** The documents of all categories, read once for a reading of the tree: where one node is all there is, until the next change. */
  function documentsOf(places: Places): Promise<Map<string, Category>> {
    const known = read.get(places)
    if (known) return known
    const reading = readAll(places)
    read.set(places, reading)
    reading.catch(() => read.delete(places))
    return reading
  }

  async function readAll({ nodes }: Places): Promise<Map<string, Category>> {
    const parts: Promise<Category[]>[] = []
    for (let from = 0; from < nodes.length; from += READ_AT_ONCE)
      parts.push(documents.getMany(nodes.slice(from, from + READ_AT_ONCE).map((node) => node.id)))
    return new Map((await Promise.all(parts)).flat().map((category) => [category.id, category]))
  }

  /** All categories as a tree, siblings in their order. */
  async function all(): Promise<CategoryBranch[]> {
    const [places, counts] = await Promise.all([newest(), storage.listing.categoryCounts()])
    const { nodes } = places
    const names = await documentsOf(places)
    return branches(nodes.map((node) => categoryView(node, names.get(node.id), counts.get(node.id) ?? 0)))
  }

  return {
    create,
    update,
    remove,
    get,
    all,
    advance,
    /** Ids of a category, by id or slug, and of all below it. */
    async descendants(key: string): Promise<string[]> {
      const found = withDescendants(await tree(), key)
      return found.length > 0 ? found : withDescendants(await newest(), key)
    },
    /** Says of one of these ids whether there is such a category. */
    async known(ids: readonly string[]): Promise<(id: string) => boolean> {
      if (ids.length === 0) return () => false
      const found = await knowing(ids)
      return (id) => found.ids.has(id)
    },
    /** Name and slug by id, for facets. */
    async named(ids: readonly string[]): Promise<Map<string, { name: string; slug: string }>> {
      const slugs = new Map((await knowing(ids)).nodes.map((node) => [node.id, node.slug]))
      const found = await documents.getMany(ids.filter((id) => slugs.has(id)))
      return new Map(found.map(({ id, name }) => [id, { name, slug: slugs.get(id)! }]))
    },
  }
}

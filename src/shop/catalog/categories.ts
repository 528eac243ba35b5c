import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId, withPrefix } from '../../kernel/ids.ts'
import type { Collection, Storage } from '../../storage/storage.ts'
import {
  branches,
  categoryView,
  lastPosition,
  movedNames,
  movedNode,
  withDescendants,
  withMoved,
  withNode,
  withoutNode,
} from './category-rules.ts'
import {
  CATEGORIES,
  CATEGORY_TREES,
  type CategoryBranch,
  type CategoryChange,
  type CategoryNode,
  type CategoryStep,
  type CategoryTree,
  type CategoryView,
  type NewCategory,
} from './category-schema.ts'
import { createCategorySteps } from './category-steps.ts'
import { createFreshCache } from './fresh-cache.ts'
import { slugOf } from './rules.ts'
import type { Product } from './schema.ts'

const TREE = 'tree'
/** Documents of one reading. */
const READ_AT_ONCE = 500
/** How often a change starts again because another one came first. */
const MAX_ATTEMPTS = 50

interface Needs {
  storage: Pick<Storage, 'collection' | 'listing'>
  products: Pick<Collection<Product>, 'count'>
  clock: Clock
  /** Called when a category went: answers that name it are void. */
  onRemoved(): void
}

type Decision = Pick<CategoryStep, 'kind' | 'node' | 'name' | 'description' | 'moved'> & {
  nodes: CategoryNode[]
}

export type Categories = ReturnType<typeof createCategories>

/** The tree of categories. One document decides about places; each category's own document follows it. */
export function createCategories({ storage, products, clock, onRemoved }: Needs) {
  const trees = storage.collection(CATEGORY_TREES)
  const documents = storage.collection(CATEGORIES)
  const cache = createFreshCache<CategoryTree>({ max_entries: 1, load: (id) => trees.get(id) })
  const { take } = createCategorySteps({ documents })

  async function tree(): Promise<Pick<CategoryTree, 'nodes'>> {
    return (await cache.get(TREE)) ?? { nodes: [] }
  }

  /** Brings every document as far as the tree has decided, then clears what was pending. */
  async function advance(): Promise<void> {
    const current = await trees.get(TREE)
    if (!current || current.pending.length === 0) return
    for (const step of current.pending) await take(step)
    await replaceTree({ ...current, pending: [] })
  }

  /** Decides on the newest state of the tree; `decide` runs again when somebody else was first. */
  async function change(
    actor: string,
    decide: (nodes: CategoryNode[]) => Promise<Decision>,
  ): Promise<string> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      await advance()
      const current = (await trees.get(TREE)) ?? (await plant())
      if (current.pending.length > 0) continue
      const { nodes, ...decision } = await decide(current.nodes)
      const at = clock.now()
      const step = { ...decision, step: current.step + 1, event_id: newId('evt', at), at, actor }
      const decided = { ...current, nodes, step: step.step, pending: [step], updated_at: timestamp(at) }
      if (!(await replaceTree(decided))) continue
      await advance()
      return decision.node.id
    }
    throw new Refusal('unavailable', 'busy', 'Too many changes of categories at once.', {
      retry_after_seconds: 1,
    })
  }

  async function replaceTree(next: CategoryTree): Promise<boolean> {
    try {
      await trees.replace(next)
      return true
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return false
      throw error
    } finally {
      cache.forget(TREE)
    }
  }

  async function plant(): Promise<CategoryTree> {
    const now = timestamp(clock.now())
    try {
      return await trees.insert({
        id: TREE,
        nodes: [],
        step: 0,
        pending: [],
        created_at: now,
        updated_at: now,
      })
    } catch (error) {
      if (!isRefusal(error, 'duplicate')) throw error
      return (await trees.get(TREE))!
    }
  }

  async function create(
    input: NewCategory,
    { operation_id, actor }: { operation_id: string; actor: string },
  ) {
    const id = withPrefix(operation_id, 'cat')
    await advance()
    const made = (await trees.get(TREE))?.nodes.some((node) => node.id === id)
    if (!made) {
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
    if (!node) throw notFound()
    if (expected !== undefined && (await documents.get(id))?.version !== expected)
      throw new Refusal(
        'version_conflict',
        'version_moved',
        'It has changed since you read it; read it again.',
      )
    return node
  }

  async function get(id: string): Promise<CategoryView> {
    const [{ nodes }, counts] = [await tree(), await storage.listing.categoryCounts()]
    const node = nodes.find((other) => other.id === id)
    if (!node) throw notFound()
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

function notFound(): Refusal {
  return new Refusal('not_found', 'category_not_found', 'There is no such category.')
}

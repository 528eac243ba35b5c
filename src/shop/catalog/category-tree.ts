import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Nodes } from '../../kernel/nodes.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type { Storage } from '../../storage/storage.ts'
import { childrenOf } from './category-nesting-rules.ts'
import { CATEGORY_TREES, type CategoryNode, type CategoryStep, type CategoryTree } from './category-schema.ts'
import { createFreshCache } from './fresh-cache.ts'
import { busy } from './refusal-rules.ts'

const TREE = 'tree'
/** How often a change starts again because another one came first. */
const MAX_ATTEMPTS = 50
/**
 * With several nodes a moved, renamed or removed category may show as it was for so long on the others: the tree may
 * have 5,000 nodes, and every product page would have to read it.
 */
const MAX_TREE_AGE_MS = 1_000

interface Needs {
  storage: Pick<Storage, 'collection'>
  nodes: Nodes
  clock: Clock
  /** Brings a category's own document as far as this step; may be repeated. */
  take(step: CategoryStep): Promise<void>
}

export type Decision = Pick<CategoryStep, 'kind' | 'node' | 'name' | 'description' | 'moved'> & {
  nodes: CategoryNode[]
}

/** The places of all categories. */
export interface Places {
  nodes: readonly CategoryNode[]
  ids: ReadonlySet<string>
  children: ReturnType<typeof childrenOf>
}

const NO_PLACES: Places = placesOf([])

/**
 * The one document that decides about places of categories. A change is decided by compare-and-set together with
 * the step that the category's own document has to take; the next change waits until that step is taken.
 */
export function createCategoryTree({ storage, nodes, clock, take }: Needs) {
  const trees = storage.collection(CATEGORY_TREES)
  const cache = createFreshCache<Places>({
    max_entries: 1,
    ...(nodes === 'several' && { max_age_ms: MAX_TREE_AGE_MS }),
    async load(id) {
      const found = await trees.get(id)
      return found && placesOf(found.nodes)
    },
  })

  /** The tree for readers. */
  async function tree(): Promise<Places> {
    return (await cache.get(TREE)) ?? NO_PLACES
  }

  /** The tree as any node has written it by now. */
  function newest(): Promise<Places> {
    if (nodes === 'several') cache.forget(TREE)
    return tree()
  }

  /** A tree that has these categories if there are such: one that was made a moment ago elsewhere is not missed. */
  async function knowing(ids: readonly string[]): Promise<Places> {
    const known = await tree()
    return ids.every((id) => known.ids.has(id)) ? known : newest()
  }

  /** Brings every document as far as the tree has decided, then clears what was pending. */
  async function advance(): Promise<void> {
    const current = await trees.get(TREE)
    if (current) await settled(current)
  }

  /** The tree with nothing pending; undefined when somebody else has cleared it, or gone on. */
  async function settled(current: CategoryTree): Promise<CategoryTree | undefined> {
    if (current.pending.length === 0) return current
    try {
      for (const step of current.pending) await take(step)
    } finally {
      // Whoever reads with the tree what its documents say may have read them before.
      cache.forget(TREE)
    }
    return replaceTree({ ...current, pending: [] })
  }

  /**
   * Decides on the newest state of the tree; `decide` runs again when somebody else was first, and says undefined
   * when there is nothing to change.
   */
  async function change(
    actor: string,
    decide: (nodes: CategoryNode[]) => Promise<Decision | undefined>,
  ): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const current = await settled((await trees.get(TREE)) ?? (await plant()))
      if (!current) continue
      const decision = await decide(current.nodes)
      if (!decision) return
      const { nodes: after, ...decided } = decision
      const at = clock.now()
      const step = { ...decided, step: current.step + 1, event_id: newId('evt', at), at, actor }
      const next = { ...current, nodes: after, step: step.step, pending: [step], updated_at: timestamp(at) }
      const written = await replaceTree(next)
      if (!written) continue
      await settled(written)
      return
    }
    throw busy()
  }

  /** Undefined when somebody else was first. */
  async function replaceTree(next: CategoryTree): Promise<CategoryTree | undefined> {
    try {
      return await trees.replace(next)
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return undefined
      throw error
    } finally {
      cache.forget(TREE)
    }
  }

  /** Any node plants the same tree, so whoever was first is as good. */
  function plant(): Promise<CategoryTree> {
    const now = timestamp(clock.now())
    return insertOnce(trees, { id: TREE, nodes: [], step: 0, pending: [], created_at: now, updated_at: now })
  }

  return { tree, newest, knowing, advance, change }
}

function placesOf(nodes: readonly CategoryNode[]): Places {
  return { nodes, ids: new Set(nodes.map((node) => node.id)), children: childrenOf(nodes) }
}

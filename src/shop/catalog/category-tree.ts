import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Storage } from '../../storage/storage.ts'
import { CATEGORY_TREES, type CategoryNode, type CategoryStep, type CategoryTree } from './category-schema.ts'
import { createFreshCache } from './fresh-cache.ts'
import { busy } from './refusal-rules.ts'

const TREE = 'tree'
/** How often a change starts again because another one came first. */
const MAX_ATTEMPTS = 50

interface Needs {
  storage: Pick<Storage, 'collection'>
  clock: Clock
  /** Brings a category's own document as far as this step; may be repeated. */
  take(step: CategoryStep): Promise<void>
}

export type Decision = Pick<CategoryStep, 'kind' | 'node' | 'name' | 'description' | 'moved'> & {
  nodes: CategoryNode[]
}

/**
 * The one document that decides about places of categories. A change is decided by compare-and-set together with
 * the step that the category's own document has to take; the next change waits until that step is taken.
 */
export function createCategoryTree({ storage, clock, take }: Needs) {
  const trees = storage.collection(CATEGORY_TREES)
  const cache = createFreshCache<CategoryTree>({ max_entries: 1, load: (id) => trees.get(id) })

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
    throw busy()
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

  return {
    tree,
    advance,
    change,
    /** Whether the tree has this category now. */
    has: async (id: string): Promise<boolean> => (await tree()).nodes.some((node) => node.id === id),
  }
}

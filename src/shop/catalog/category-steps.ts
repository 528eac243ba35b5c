import { timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { EventDraft } from '../../kernel/event.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Category, CategoryStep } from './category-schema.ts'
import { CategoryCreated, CategoryDeleted, CategoryUpdated } from './events-schema.ts'

/** Brings a category's own document as far as the tree has decided; every step may be taken again. */
export function createCategorySteps({ documents }: { documents: Collection<Category> }) {
  async function take(step: CategoryStep): Promise<void> {
    const before = await documents.get(step.node.id)
    if (before && before.step >= step.step) return
    try {
      if (before) await documents.replace(next(before, step), [told(step, before)])
      else await documents.insert(first(step), [told(step, undefined)])
    } catch (error) {
      // Somebody else has taken the same step meanwhile.
      if (!isRefusal(error, 'version_moved') && !isRefusal(error, 'duplicate')) throw error
    }
  }

  return { take }
}

function first({ node, name, description, step, at }: CategoryStep) {
  const now = timestamp(at)
  return {
    id: node.id,
    name: name ?? node.slug,
    description: description ?? '',
    step,
    created_at: now,
    updated_at: now,
  }
}

function next(before: Category, { kind, name, description, step, at }: CategoryStep): Category {
  const now = timestamp(at)
  return {
    ...before,
    name: name ?? before.name,
    description: description ?? before.description,
    step,
    updated_at: now,
    ...(kind === 'deleted' && { deleted_at: now }),
  }
}

function told(step: CategoryStep, before: Category | undefined): EventDraft {
  const { node, event_id, at, actor } = step
  const stamp = { id: event_id, subject: `categories/${node.id}`, key: node.id, at, actor }
  const { id: category_id, ...place } = node
  const data = { category_id, ...place, name: step.name ?? before?.name ?? node.slug }
  if (step.kind === 'created') return CategoryCreated.draft({ ...stamp, data })
  if (step.kind === 'deleted') return CategoryDeleted.draft({ ...stamp, data })
  const changed = [
    ...(step.name !== undefined && step.name !== before?.name ? ['name'] : []),
    ...(step.description !== undefined && step.description !== before?.description ? ['description'] : []),
    ...step.moved,
  ]
  return CategoryUpdated.draft({ ...stamp, data: { ...data, changed } })
}

import type { Document } from 'mongodb'
import type { Indexed } from '../list-query.ts'
import type { IndexDefinition } from '../storage.ts'
import type { IndexPlan } from './index-plan.ts'

/** By this index a sweep finds documents whose events nobody moved. */
export const PENDING_INDEX = 'by_pending'

/** The indexes of a collection: the declared ones under their names, and the one over documents with waiting events. */
export function planIndexes({ name, indexes }: Indexed): IndexPlan[] {
  const declared = Object.entries(indexes).map(
    ([index, definition]): IndexPlan => ({ collection: name, name: index, ...shapeOf(definition) }),
  )
  return [...declared, { collection: name, name: PENDING_INDEX, key: { _pending: 1 }, sparse: true }]
}

function shapeOf(definition: IndexDefinition): Omit<IndexPlan, 'collection' | 'name'> {
  const { fields, unique, multi } = definition
  const key: IndexPlan['key'] = Object.fromEntries(fields.map((path) => [path, 1]))
  if (unique && fields.length === 1 && !multi) return { key, unique: true, sparse: true }
  const present = presence(definition)
  return {
    // The id at the end breaks ties in the order of lists.
    key: unique ? key : { ...key, _id: 1 },
    ...(unique && { unique: true }),
    ...(present.length > 0 && { partialFilterExpression: partial(present) }),
  }
}

/**
 * Paths that only documents of the index have, where it is not of all: its queries name them too, else the planner may not
 * use it. An array of values must not be empty, because two empty ones would break uniqueness.
 */
export function presence({ fields, unique, multi }: IndexDefinition): string[] {
  if (!unique && fields.length > 1) return []
  return fields.map((path, place) => (multi && place === 0 && !path.includes('.') ? `${path}.0` : path))
}

function partial(paths: readonly string[]): Document {
  return Object.fromEntries(paths.map((path) => [path, { $exists: true }]))
}

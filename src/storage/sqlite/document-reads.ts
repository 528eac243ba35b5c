import type { CollectionPlan } from './collection-schema.ts'
import type { Handler, ReaderContext } from './part.ts'
import { type CountQuery, countPart, type PlainListQuery, scanPart } from './queries.ts'

/** What the reading worker does with the collections. */
export function documentReads(
  { prepare }: ReaderContext,
  plans: readonly CollectionPlan[],
): Record<string, Handler> {
  const byName = new Map(plans.map((plan) => [plan.name, plan]))
  return {
    scan: (query: PlainListQuery) => scanPart(prepare, byName.get(query.collection)!, query),
    count: (query: CountQuery) => countPart(prepare, byName.get(query.collection)!, query),
  }
}

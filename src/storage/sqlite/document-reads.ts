import type { CollectionPlan } from './collection-schema.ts'
import type { Handler, ReaderContext } from './part.ts'
import { type CountQuery, countPart, type PlainListQuery, scanPart } from './queries.ts'

/** What the reading worker does with the collections. */
export function documentReads(
  { db, prepare }: ReaderContext,
  plans: readonly CollectionPlan[],
): Record<string, Handler> {
  const byName = new Map(plans.map((plan) => [plan.name, plan]))

  /** Where a part ends and what is in it are read by two statements: no write may come between them. */
  function atOneMoment<Result>(read: () => Result): Result {
    db.exec('BEGIN')
    try {
      return read()
    } finally {
      db.exec('COMMIT')
    }
  }

  return {
    scan: (query: PlainListQuery) =>
      atOneMoment(() => scanPart(prepare, byName.get(query.collection)!, query)),
    count: (query: CountQuery) => atOneMoment(() => countPart(prepare, byName.get(query.collection)!, query)),
  }
}

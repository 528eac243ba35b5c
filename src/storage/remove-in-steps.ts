import type { Collection, IndexValue } from './storage.ts'

const REMOVED_AT_ONCE = 1_000
/** What one sweep removes at most, so that it keeps nobody waiting; the rest is for the next. */
const STEPS_OF_A_SWEEP = 50

/** Removes what lies below `before`, in bounded steps; says how many went. */
export async function removeInSteps(
  collection: Pick<Collection<never>, 'removeOlder'>,
  index: string,
  before: IndexValue,
): Promise<number> {
  let removed = 0
  for (let step = 0; step < STEPS_OF_A_SWEEP; step++) {
    const gone = await collection.removeOlder(index, before, REMOVED_AT_ONCE)
    removed += gone
    if (gone < REMOVED_AT_ONCE) break
  }
  return removed
}

import type { Categories } from './categories.ts'
import { unknownCategories } from './refusal-rules.ts'

/** Throws `invalid` naming the places of those of these ids that are no category. */
export async function assertCategories(
  categories: Pick<Categories, 'known'>,
  ids: readonly string[] = [],
): Promise<void> {
  const known = await categories.known(ids)
  const unknown = ids.flatMap((id, at) => (known(id) ? [] : [at]))
  if (unknown.length > 0) throw unknownCategories(unknown)
}

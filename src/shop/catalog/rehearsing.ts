import { withPrefix } from '../../kernel/ids.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Categories } from './categories.ts'
import { assertCategories } from './known-categories.ts'
import { skuTaken, slugTaken } from './refusal-rules.ts'
import { changedFields, changedNames, newFields, promisedStock, withStatus } from './rules.ts'
import type { NewProduct, Product, ProductChange } from './schema.ts'
import { defaultSku, slugCandidates } from './slug-rules.ts'

interface Needs {
  documents: Pick<Collection<Product>, 'getBy'>
  categories: Pick<Categories, 'known'>
}

export type Rehearsing = ReturnType<typeof createRehearsing>

/** What would come of a change, without making it. It knows what is stored, not what else is about to come. */
export function createRehearsing({ documents, categories }: Needs) {
  /** Throws what making the product would throw. */
  async function create(input: NewProduct, { operation_id }: { operation_id: string }): Promise<void> {
    await assertCategories(categories, input.category_ids)
    const id = withPrefix(operation_id, 'prd')
    const { skus } = newFields(input, { id, slug: input.slug ?? slugCandidates(input.name, id).at(-1)! })
    if (input.slug !== undefined && (await documents.getBy('slug', [input.slug]))) throw slugTaken()
    await assertFree(skus)
  }

  /** Whether anything would change; throws what the change would throw. */
  async function change(before: Product, input: ProductChange): Promise<boolean> {
    await assertCategories(categories, input.category_ids)
    const fields = changedFields(before, input, defaultSku(before.id))
    const after = withStatus(before, { ...before, ...fields })
    if (after.slug !== before.slug && (await documents.getBy('slug', [after.slug]))) throw slugTaken()
    await assertFree(after.skus.filter((sku) => !before.skus.includes(sku)))
    return changedNames(before, after).length > 0 || promisedStock(input, after.skus, '').length > 0
  }

  async function assertFree(skus: readonly string[]): Promise<void> {
    const taken = await Promise.all(skus.map((sku) => documents.getBy('skus', [sku])))
    if (taken.some((product) => product !== undefined)) throw skuTaken()
  }

  return { create, change }
}

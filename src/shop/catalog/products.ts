import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { EventDraft } from '../../kernel/event.ts'
import { isId, newId, withPrefix } from '../../kernel/ids.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Categories } from './categories.ts'
import { productState, stateBefore } from './event-rules.ts'
import { ProductCreated, ProductDeleted, ProductUpdated } from './events-schema.ts'
import { assertCategories } from './known-categories.ts'
import { busy, productNotFound, skuTaken, slugTaken, versionMoved } from './refusal-rules.ts'
import { changedFields, changedNames, newFields, promisedStock, withStatus } from './rules.ts'
import type { NewProduct, Product, ProductChange, ProductFields } from './schema.ts'
import { defaultSku, slugCandidates } from './slug-rules.ts'
import type { StockPromises } from './stock-promises.ts'

/** How often a change without If-Match starts again because another one came first. */
const MAX_ATTEMPTS = 20
interface Needs {
  products: Collection<Product>
  promises: Pick<StockPromises, 'advance'>
  categories: Pick<Categories, 'known'>
  clock: Clock
  /** Called after each acknowledged write of a product, before it is answered. */
  onWrite(id: string): void
}

/** Who changes what, and from which state. */
export interface ChangeBy {
  operation_id: string
  actor: string
  expected_version?: number | undefined
}

export type Products = ReturnType<typeof createProducts>

/** The products as staff change them. A product is committed first; the stock it promises follows. */
export function createProducts({ products, promises, categories, clock, onWrite }: Needs) {
  const { advance } = promises

  async function create(input: NewProduct, { operation_id, actor }: ChangeBy): Promise<Product> {
    const id = withPrefix(operation_id, 'prd')
    await assertCategories(categories, input.category_ids)
    const slugs = input.slug === undefined ? slugCandidates(input.name, id) : [input.slug]
    for (const slug of slugs) {
      const fields = newFields(input, { id, slug })
      const product = { id, ...fields, ...pending(input, { fields, operation_id, actor }), ...stamps() }
      const made = await insert(product, actor)
      if (made !== 'slug taken') return advance(made)
    }
    throw slugTaken()
  }

  /** The product, or the one that an earlier try of the same operation made. */
  async function insert(
    product: Omit<Product, 'version' | 'sequences'>,
    actor: string,
  ): Promise<Product | 'slug taken'> {
    try {
      const created = ProductCreated.draft({
        ...told(product.id, actor),
        data: productState(product, 1),
      })
      return await products.insert(product, [created])
    } catch (error) {
      if (!isRefusal(error, 'duplicate')) throw error
      const made = await products.get(product.id)
      if (made) return made
      if (error.details.extra?.index === 'slug') return 'slug taken'
      throw skuTaken()
    } finally {
      onWrite(product.id)
    }
  }

  /** Changes the fields given. Without an expected version the change is made to whatever is there. */
  async function change(key: string, input: ProductChange, by: ChangeBy): Promise<Product> {
    await assertCategories(categories, input.category_ids)
    return rewrite(key, by, (before) => changedFields(before, input, defaultSku(before.id)), input)
  }

  /** Out of sale, kept for orders; its SKUs and its slug stay taken. */
  async function archive(key: string, by: ChangeBy): Promise<void> {
    await rewrite(key, by, (before) => ({ ...before, status: 'archived' }))
  }

  /** Back to what it was before it was archived. */
  async function restore(key: string, by: ChangeBy): Promise<Product> {
    return rewrite(key, by, (before) => ({
      ...before,
      status: before.status === 'archived' ? (before.archived_from ?? 'draft') : before.status,
    }))
  }

  async function rewrite(
    key: string,
    by: ChangeBy,
    decide: (before: Product) => ProductFields | Promise<ProductFields>,
    input: ProductChange = {},
  ): Promise<Product> {
    let found = await demand(key)
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const before = await advance(found)
      if (by.expected_version !== undefined && by.expected_version !== before.version) throw versionMoved()
      const decided = await decide(before)
      const isCategory = await categories.known(decided.category_ids)
      const fields = { ...decided, category_ids: decided.category_ids.filter(isCategory) }
      const after = withStatus(before, { ...before, ...fields, ...pending(input, { fields, ...by }) })
      const changed = changedNames(before, after)
      if (changed.length === 0 && !after.pending_stock) return before
      try {
        return await advance(
          await replace(before, { ...after, updated_at: stamps().updated_at }, { changed, actor: by.actor }),
        )
      } catch (error) {
        if (!isRefusal(error, 'version_moved') || by.expected_version !== undefined) throw error
        found = await demand(found.id)
      }
    }
    throw busy()
  }

  async function replace(
    before: Product,
    after: Product,
    { changed, actor }: { changed: string[]; actor: string },
  ) {
    const goes = after.status === 'archived' && before.status !== 'archived'
    const data = {
      ...productState(after, before.version + 1),
      ...{ from_status: before.status, changed, before: stateBefore(before, after) },
    }
    const stamp = told(after.id, actor)
    // Stock alone is told by its own events.
    const events: EventDraft[] =
      changed.length === 0
        ? []
        : [goes ? ProductDeleted.draft({ ...stamp, data }) : ProductUpdated.draft({ ...stamp, data })]
    try {
      return await products.replace(after, events)
    } catch (error) {
      if (isRefusal(error, 'duplicate'))
        throw error.details.extra?.index === 'slug' ? slugTaken() : skuTaken()
      throw error
    } finally {
      onWrite(after.id)
    }
  }

  async function demand(key: string): Promise<Product> {
    const product = await find(key)
    if (!product) throw productNotFound()
    return product
  }

  /** By id or slug. */
  function find(key: string): Promise<Product | undefined> {
    return isId(key, 'prd') ? products.get(key) : products.getBy('slug', [key])
  }

  function pending(
    input: ProductChange,
    { fields, operation_id, actor }: { fields: ProductFields; operation_id: string; actor: string },
  ): Pick<Product, 'pending_stock' | 'pending_actor' | 'pending_since'> {
    const pending_stock = promisedStock(input, fields.skus, operation_id)
    return pending_stock.length === 0
      ? {}
      : { pending_stock, pending_actor: actor, pending_since: timestamp(clock.now()) }
  }

  function stamps() {
    const now = timestamp(clock.now())
    return { created_at: now, updated_at: now }
  }

  function told(id: string, actor: string) {
    const at = clock.now()
    return { id: newId('evt', at), subject: `products/${id}`, key: id, at, actor }
  }

  return {
    create,
    change,
    archive,
    restore,
    find,
    demand,
    /** Changes what `decide` makes of the product as it is then; decided again whenever another change came first. */
    rewrite: (
      key: string,
      by: ChangeBy,
      decide: (before: Product) => ProductFields | Promise<ProductFields>,
    ) => rewrite(key, by, decide),
  }
}

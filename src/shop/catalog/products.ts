import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { EventDraft } from '../../kernel/event.ts'
import { isId, newId, withPrefix } from '../../kernel/ids.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Categories } from './categories.ts'
import { ProductCreated, ProductDeleted, ProductUpdated } from './events-schema.ts'
import {
  changedFields,
  changedNames,
  defaultSku,
  newFields,
  type ProductFields,
  promisedStock,
  slugCandidates,
} from './rules.ts'
import type { NewProduct, Product, ProductChange } from './schema.ts'
import { productState } from './view-rules.ts'

/** How often a change without If-Match starts again because another one came first. */
const MAX_ATTEMPTS = 20
/** Products of one pass of recovery. */
const RECOVERED_AT_ONCE = 500

interface Needs {
  products: Collection<Product>
  inventory: Pick<Inventory, 'applyPending'>
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

/** The products as staff change them. A product is committed first; the stock it promises follows. */
export function createProducts({ products, inventory, categories, clock, onWrite }: Needs) {
  async function create(input: NewProduct, { operation_id, actor }: ChangeBy): Promise<Product> {
    const id = withPrefix(operation_id, 'prd')
    await assertCategories(input.category_ids ?? [])
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
    await assertCategories(input.category_ids ?? [])
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
    decide: (before: Product) => ProductFields,
    input: ProductChange = {},
  ): Promise<Product> {
    const { id } = await demand(key)
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const before = await advance(await demand(id))
      if (by.expected_version !== undefined && by.expected_version !== before.version) throw versionMoved()
      const isCategory = await categories.known()
      const decided = decide(before)
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
      }
    }
    throw new Refusal('unavailable', 'busy', 'Too many changes of this product at once.', {
      retry_after_seconds: 1,
    })
  }

  async function replace(
    before: Product,
    after: Product,
    { changed, actor }: { changed: string[]; actor: string },
  ) {
    const goes = after.status === 'archived' && before.status !== 'archived'
    const data = { ...productState(after, before.version + 1), from_status: before.status, changed }
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

  /** Applies the stock that was committed with a product and clears the promise; may be repeated by anyone. */
  async function advance(product: Product): Promise<Product> {
    const { pending_stock, pending_actor, pending_since: _, ...settled } = product
    if (!pending_stock) return product
    const verdicts = await inventory.applyPending(product.id, pending_stock, pending_actor ?? 'system')
    onWrite(product.id)
    if (verdicts.some((verdict) => verdict.result === 'frozen')) throw stockFrozen()
    const after = await clear(settled)
    const short = pending_stock.filter((_, at) => verdicts[at]!.result === 'short').map(({ sku }) => sku)
    if (short.length > 0) throw stockReserved(short)
    return after
  }

  async function clear(settled: Product): Promise<Product> {
    try {
      return await products.replace(settled)
    } catch (error) {
      if (!isRefusal(error, 'version_moved')) throw error
      return advance(await demand(settled.id))
    } finally {
      onWrite(settled.id)
    }
  }

  /** Finishes what a crash left between a product and its stock. */
  async function recover(): Promise<void> {
    const { items } = await products.list({ index: 'pending', limit: RECOVERED_AT_ONCE })
    for (const product of items) {
      try {
        await advance(product)
      } catch (error) {
        // Cleared already, or waits for the frozen books to be mended.
        if (!isRefusal(error, 'stock_reserved') && !isRefusal(error, 'stock_frozen')) throw error
      }
    }
  }

  async function demand(key: string): Promise<Product> {
    const product = await find(key)
    if (!product) throw new Refusal('not_found', 'product_not_found', 'There is no such product.')
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

  async function assertCategories(ids: readonly string[]): Promise<void> {
    const known = await categories.known()
    const errors = ids.flatMap((id, at) =>
      known(id)
        ? []
        : [
            {
              pointer: `/category_ids/${at}`,
              code: 'unknown_category',
              message: 'There is no such category.',
            },
          ],
    )
    if (errors.length > 0)
      throw new Refusal('invalid', 'invalid_body', 'The body does not fit; `errors` names each fault.', {
        errors,
      })
  }

  function stamps() {
    const now = timestamp(clock.now())
    return { created_at: now, updated_at: now }
  }

  function told(id: string, actor: string) {
    const at = clock.now()
    return { id: newId('evt', at), subject: `products/${id}`, key: id, at, actor }
  }

  return { create, change, archive, restore, recover, find }
}

/** Remembers where an archived product came from. */
function withStatus(before: Product, after: Product): Product {
  const { archived_from, ...rest } = after
  if (after.status !== 'archived') return rest
  return { ...rest, archived_from: before.status === 'archived' ? (archived_from ?? 'draft') : before.status }
}

function slugTaken(): Refusal {
  return new Refusal('conflict', 'slug_taken', 'Another product has this slug.')
}

function skuTaken(): Refusal {
  return new Refusal(
    'conflict',
    'sku_taken',
    'Another product, perhaps an archived one, has one of these SKUs.',
  )
}

function versionMoved(): Refusal {
  return new Refusal('version_conflict', 'version_moved', 'It has changed since you read it; read it again.')
}

function stockFrozen(): Refusal {
  return new Refusal(
    'unavailable',
    'stock_frozen',
    'The stock of this product is frozen until its books are mended.',
  )
}

function stockReserved(skus: string[]): Refusal {
  const message = 'The product is saved, but orders hold more of these SKUs than the new stock would leave.'
  return new Refusal('conflict', 'stock_reserved', message, { extra: { skus } })
}

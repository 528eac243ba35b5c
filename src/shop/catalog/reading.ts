import { boundedCache } from '../../kernel/bounded-cache.ts'
import { isId } from '../../kernel/ids.ts'
import { PRODUCT_STATS, type ProductStats } from '../../storage/listing.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Categories } from './categories.ts'
import { createFreshCache } from './fresh-cache.ts'
import { productNotFound } from './refusal-rules.ts'

import { type Product, type ProductView, type SellableAnswer, SHOPPER_AVAILABLE_CAP } from './schema.ts'
import { factsOf, type ProductFacts, sellableOf } from './sellable-rules.ts'
import { productView, ratingOf } from './view-rules.ts'

const MAX_KEPT_TEXT_SIZE = 32 * 1024 * 1024
const MAX_KEPT_FACTS = 20_000
const MAX_KEPT_SLUGS = 50_000

interface Needs {
  storage: Pick<Storage, 'rollUps'>
  find(key: string): Promise<Product | undefined>
  inventory: Pick<Inventory, 'ofProducts' | 'onChange'>
  categories: Pick<Categories, 'known'>
}

/** A product as it is sent: JSON text and its version. */
export interface ProductText {
  id: string
  slug: string
  version: number
  json: string
  /** Put there by whoever sends it first. */
  etag?: string
}

export interface SellableKey {
  product_id: string
  sku?: string | undefined
}

/** Products as shoppers, carts and orders read them. What is read often is kept until a write of this process. */
export function createReading({ storage, find, inventory, categories }: Needs) {
  const texts = createFreshCache<ProductText>({
    max_size: MAX_KEPT_TEXT_SIZE,
    sizeOf: (text) => text.json.length,
    load: async (id) => {
      const product = await find(id)
      return product?.status === 'active' ? textOf(product, SHOPPER_AVAILABLE_CAP) : undefined
    },
  })
  const facts = createFreshCache<ProductFacts>({
    max_entries: MAX_KEPT_FACTS,
    load: async (id) => {
      const product = await find(id)
      return product && factsOf(product)
    },
  })
  const idsOfSlugs = boundedCache<string>(MAX_KEPT_SLUGS)
  inventory.onChange((ids) => {
    for (const id of ids) texts.forget(id)
  })

  /** A product for shoppers, by id or slug. Throws `not_found` for drafts and archived ones too. */
  async function page(key: string): Promise<ProductText> {
    const known = isId(key, 'prd') ? key : idsOfSlugs.get(key)
    const kept = known === undefined ? undefined : await texts.get(known)
    // A slug may have gone to another product since.
    if (kept && (kept.id === key || kept.slug === key)) return kept
    if (known === key) throw productNotFound()
    const product = await find(key)
    const text = product && (await texts.get(product.id))
    if (!text || text.slug !== key) throw productNotFound()
    idsOfSlugs.set(key, text.id)
    return text
  }

  /** A product for staff in any status, with exact figures. */
  async function staffPage(key: string): Promise<ProductText> {
    const product = await find(key)
    if (!product) throw productNotFound()
    return textOf(product, Number.MAX_SAFE_INTEGER)
  }

  async function textOf(product: Product, cap: number): Promise<ProductText> {
    const view = await viewOf(product, cap)
    return { id: product.id, slug: product.slug, version: product.version, json: JSON.stringify(view) }
  }

  async function viewOf(product: Product, cap: number): Promise<ProductView> {
    const [levels, rollUps, isCategory] = await Promise.all([
      inventory.ofProducts([product.id]),
      storage.rollUps.read(PRODUCT_STATS, [product.id]),
      categories.known(),
    ])
    const stats = rollUps[0]?.body as ProductStats | undefined
    const available = new Map(levels.map((level) => [level.sku, level.available]))
    return productView(product, { available, rating: ratingOf(stats), cap, isCategory })
  }

  /** Whether each may be bought now, and as what; in the order of `keys`. */
  async function sellables(keys: readonly SellableKey[]): Promise<SellableAnswer[]> {
    const answers: SellableAnswer[] = []
    for (const key of keys)
      answers.push(sellableOf(facts.peek(key.product_id) ?? (await facts.get(key.product_id)), key))
    return answers
  }

  /** Every SKU of a product, also of an archived one; undefined when there is no such product. */
  async function skusOf(product_id: string): Promise<readonly string[] | undefined> {
    return (await find(product_id))?.skus
  }

  return {
    page,
    staffPage,
    viewOf: (product: Product) => viewOf(product, Number.MAX_SAFE_INTEGER),
    sellables,
    skusOf,
    forget(id: string): void {
      texts.forget(id)
      facts.forget(id)
    },
    forgetAll: () => texts.clear(),
  }
}

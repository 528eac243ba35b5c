import { isId } from '../../kernel/ids.ts'
import type { Nodes } from '../../kernel/nodes.ts'
import { PRODUCT_STATS, type ProductStats } from '../../storage/listing.ts'
import type { Collection, Storage } from '../../storage/storage.ts'
import type { Inventory, StockLevel } from '../inventory/inventory.ts'
import type { Categories } from './categories.ts'
import { createKeptFacts, createReadFacts } from './product-facts.ts'
import { createKeptPages, createReadPages, type ProductText } from './product-pages.ts'
import { productNotFound } from './refusal-rules.ts'
import { type Product, type ProductView, type SellableAnswer, SHOPPER_AVAILABLE_CAP } from './schema.ts'
import { sellableOf } from './sellable-rules.ts'
import { productView, ratingOf } from './view-rules.ts'

const UNCAPPED = Number.MAX_SAFE_INTEGER

interface Needs {
  storage: Pick<Storage, 'rollUps'>
  products: Pick<Collection<Product>, 'get' | 'getMany'>
  find(key: string): Promise<Product | undefined>
  inventory: Pick<Inventory, 'ofProducts' | 'onChange'>
  categories: Pick<Categories, 'known'>
  nodes: Nodes
}

export interface SellableKey {
  product_id: string
  sku?: string | undefined
}

/** What a page shows beside the product itself. */
interface Surroundings {
  levels: StockLevel[]
  stats: ProductStats | undefined
}

/** Products as shoppers, carts and orders read them. */
export function createReading({ storage, products, find, inventory, categories, nodes }: Needs) {
  const pages =
    nodes === 'one' ? createKeptPages({ find, read: shoppersText }) : createReadPages({ read: shoppersText })
  const facts = nodes === 'one' ? createKeptFacts({ products }) : createReadFacts({ products })
  inventory.onChange((ids) => {
    for (const id of ids) pages.forget(id)
  })

  async function shoppersText(key: string): Promise<ProductText | undefined> {
    const found = await look(key)
    return found?.product.status === 'active' ? textOf(found, SHOPPER_AVAILABLE_CAP) : undefined
  }

  /** A product for staff in any status, with exact figures. */
  async function staffPage(key: string): Promise<ProductText> {
    const found = await look(key)
    if (!found) throw productNotFound()
    return textOf(found, UNCAPPED)
  }

  /** A product and what belongs to its page, read together where its id is known. */
  async function look(key: string): Promise<{ product: Product; around: Surroundings } | undefined> {
    if (!isId(key, 'prd')) {
      const product = await find(key)
      return product && { product, around: await surroundings(product.id) }
    }
    const [product, around] = await Promise.all([find(key), surroundings(key)])
    return product && { product, around }
  }

  async function surroundings(id: string): Promise<Surroundings> {
    const [levels, rollUps] = await Promise.all([
      inventory.ofProducts([id]),
      storage.rollUps.read(PRODUCT_STATS, [id]),
    ])
    return { levels, stats: rollUps[0]?.body as ProductStats | undefined }
  }

  async function textOf(
    { product, around }: { product: Product; around: Surroundings },
    cap: number,
  ): Promise<ProductText> {
    const { id, slug, version } = product
    const rated = ratedOf(around.stats)
    return { id, slug, version, rated, json: JSON.stringify(await viewOf(product, around, cap)) }
  }

  async function viewOf(
    product: Product,
    { levels, stats }: Surroundings,
    cap: number,
  ): Promise<ProductView> {
    const isCategory = await categories.known(product.category_ids)
    const available = new Map(levels.map((level) => [level.sku, level.available]))
    return productView(product, { available, rating: ratingOf(stats), cap, isCategory })
  }

  /** Whether each may be bought now, and as what; in the order of `keys`. */
  async function sellables(keys: readonly SellableKey[]): Promise<SellableAnswer[]> {
    const found = await facts.of(keys.map(({ product_id }) => product_id))
    return keys.map((key, index) => sellableOf(found[index], key))
  }

  /** A product by id or slug with every SKU, also an archived one; undefined when there is no such product. */
  async function skusOf(key: string): Promise<Pick<Product, 'id' | 'skus'> | undefined> {
    const product = await find(key)
    return product && { id: product.id, skus: product.skus }
  }

  return {
    page: pages.page,
    staffPage,
    viewOf: async (product: Product) => viewOf(product, await surroundings(product.id), UNCAPPED),
    sellables,
    skusOf,
    forget(id: string): void {
      pages.forget(id)
      facts.forget(id)
    },
    forgetAll: pages.forgetAll,
    /** The consumer of events has written what lists and pages know of these products. */
    statsWritten(documents: readonly { id: string; body: ProductStats }[]): void {
      for (const { id, body } of documents) pages.ratedNow(id, ratedOf(body))
    },
  }
}

function ratedOf(stats: ProductStats | undefined): string {
  return `${stats?.rating_sum ?? 0} ${stats?.rating_count ?? 0}`
}

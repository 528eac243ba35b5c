import type { Money } from '../../kernel/money.ts'
import { singleSku } from './card-schema.ts'
import type { Product, ProductView, Sellable, SellableAnswer } from './schema.ts'

/** What a SKU costs: its own price, or the product's. */
export function priceOf(product: Pick<Product, 'price' | 'variants'>, sku: string): Money {
  return product.variants.find((variant) => variant.sku === sku)?.price ?? product.price
}

/** The mean of what reviews gave, to a thousandth as lists have it. */
export function ratingOf(stats: { rating_sum: number; rating_count: number } | undefined) {
  if (!stats || stats.rating_count === 0) return { average: 0, count: 0 }
  return {
    average: Math.round((stats.rating_sum / stats.rating_count) * 1_000) / 1_000,
    count: stats.rating_count,
  }
}

export interface ViewFigures {
  /** By SKU; a missing one has none. */
  available: ReadonlyMap<string, number>
  rating: { average: number; count: number }
  /** What is more than this is told as this. */
  cap: number
  isCategory(id: string): boolean
}

/** A product as it is answered. Every field is named here: this is the allow-list of what leaves. */
export function productView(
  product: Product,
  { available, rating, cap, isCategory }: ViewFigures,
): ProductView {
  const of = (sku: string) => available.get(sku) ?? 0
  return {
    id: product.id,
    version: product.version,
    created_at: product.created_at,
    updated_at: product.updated_at,
    slug: product.slug,
    sku: singleSku(product),
    name: product.name,
    description: product.description,
    price: product.price,
    compare_at_price: product.compare_at_price,
    category_ids: product.category_ids.filter(isCategory),
    tags: product.tags,
    attributes: product.attributes,
    status: product.status,
    images: [],
    options: product.options,
    variants: product.variants.map(({ sku, options, price }) => ({
      sku,
      options,
      price: price ?? product.price,
      available: Math.min(of(sku), cap),
    })),
    available: Math.min(
      product.skus.reduce((sum, sku) => sum + of(sku), 0),
      cap,
    ),
    rating,
  }
}

/** What carts and orders need of a product, kept small so that many fit in memory. */
export interface ProductFacts {
  active: boolean
  version: number
  name: string
  skus: Map<string, { options: Record<string, string>; price: Money }>
}

export function factsOf(product: Product): ProductFacts {
  const variants = new Map(product.variants.map((variant) => [variant.sku, variant]))
  return {
    active: product.status === 'active',
    version: product.version,
    name: product.name,
    skus: new Map(
      product.skus.map((sku) => {
        const variant = variants.get(sku)
        return [sku, { options: variant?.options ?? {}, price: variant?.price ?? product.price }]
      }),
    ),
  }
}

/** Whether and as what a shopper may buy this; what costs nothing is not for sale. */
export function sellableOf(
  facts: ProductFacts | undefined,
  key: { product_id: string; sku?: string | undefined },
): SellableAnswer {
  if (!facts) return { ok: false, reason: 'gone' }
  if (!facts.active) return { ok: false, reason: 'not_for_sale' }
  const [first] = facts.skus.keys()
  const sku = key.sku ?? (facts.skus.size === 1 ? first! : undefined)
  if (sku === undefined) return { ok: false, reason: 'sku_required' }
  const form = facts.skus.get(sku)
  if (!form) return { ok: false, reason: 'unknown_sku' }
  if (form.price.amount === 0) return { ok: false, reason: 'not_for_sale' }
  const sellable: Sellable = {
    product_id: key.product_id,
    sku,
    name: facts.name,
    product_version: facts.version,
    ...form,
  }
  return { ok: true, sellable }
}

/** The product as events tell it, with the version that the change makes. */
export function productState(product: Omit<Product, 'version'>, version: number) {
  return {
    product_id: product.id,
    version,
    slug: product.slug,
    status: product.status,
    price: product.price,
    skus: product.skus.map((sku) => ({ sku, price: priceOf(product, sku) })),
    category_ids: product.category_ids,
  }
}

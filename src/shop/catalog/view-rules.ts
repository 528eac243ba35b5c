import { singleSku } from './card-schema.ts'
import { imageViews } from './image-schema.ts'
import type { Product, ProductView } from './schema.ts'

/** The mean of what reviews gave, to a thousandth as lists have it. */
export function ratingOf(stats: { rating_sum: number; rating_count: number } | undefined) {
  if (!stats || stats.rating_count === 0) return { average: 0, count: 0 }
  return {
    average: Math.round((stats.rating_sum / stats.rating_count) * 1_000) / 1_000,
    count: stats.rating_count,
  }
}

/** How many reviews gave one to five stars. */
export function distributionOf(stats: { rating_of?: Record<string, number> } | undefined) {
  const of = (stars: string) => stats?.rating_of?.[stars] ?? 0
  return { 1: of('1'), 2: of('2'), 3: of('3'), 4: of('4'), 5: of('5') }
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
    images: imageViews(product),
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

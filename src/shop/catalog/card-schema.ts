import type { ListingRow } from '../../storage/listing.ts'
import { imageViews } from './image-schema.ts'
import type { Product } from './schema.ts'

/** The SKU of a product that is sold in one form only. */
export function singleSku(product: Pick<Product, 'variants' | 'skus'>): string | null {
  return product.variants.length === 0 ? (product.skus[0] ?? null) : null
}

/** `name=value`, how an attribute is filtered by. */
export function attributeTerm(name: string, value: string | number | boolean): string {
  return `${name}=${value}`
}

/** The row that lists and searches read; null keeps a product that is not active out of them. */
export function listingRow(product: Product): ListingRow | null {
  if (product.status !== 'active') return null
  return {
    price: product.price.amount,
    currency: product.price.currency,
    name: product.name,
    category_ids: product.category_ids,
    tags: product.tags,
    attributes: Object.entries(product.attributes).map(([name, value]) => attributeTerm(name, value)),
    text: {
      name: product.name,
      skus: product.skus.join(' '),
      tags: product.tags.join(' '),
      description: product.description,
    },
    card: JSON.stringify({ ...cardFields(product) }),
  }
}

/** A list's item without the figures that the roll-up keeps. */
export function cardFields(product: Product) {
  return {
    id: product.id,
    version: product.version,
    created_at: product.created_at,
    updated_at: product.updated_at,
    slug: product.slug,
    sku: singleSku(product),
    name: product.name,
    price: product.price,
    compare_at_price: product.compare_at_price,
    category_ids: product.category_ids,
    tags: product.tags,
    status: product.status,
    images: imageViews(product).slice(0, 1),
    variant_count: product.variants.length,
  }
}

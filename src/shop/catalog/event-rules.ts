import type { Money } from '../../kernel/money.ts'
import type { Product } from './schema.ts'

/** What a SKU costs: its own price, or the product's. */
export function priceOf(product: Pick<Product, 'price' | 'variants'>, sku: string): Money {
  return product.variants.find((variant) => variant.sku === sku)?.price ?? product.price
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

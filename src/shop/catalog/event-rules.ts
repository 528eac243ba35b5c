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

/** What a change took away, of the fields that events tell. */
export function stateBefore(before: Product, after: Product) {
  const { product_id: _, version: __, ...was } = productState(before, before.version)
  const is = productState(after, after.version)
  const differs = (name: keyof typeof was) => JSON.stringify(was[name]) !== JSON.stringify(is[name])
  const names = (Object.keys(was) as (keyof typeof was)[]).filter(differs)
  return Object.fromEntries(names.map((name) => [name, was[name]])) as Partial<typeof was>
}

import type { Money } from '../../kernel/money.ts'
import { type ImageView, imageViews } from './image-schema.ts'
import type { Product, Sellable, SellableAnswer } from './schema.ts'

/** What carts and orders need of a product, kept small so that many fit in memory. */
export interface ProductFacts {
  active: boolean
  version: number
  slug: string
  name: string
  image: ImageView | null
  skus: Map<string, { options: Record<string, string>; price: Money }>
}

/** The facts of a product, by SKU. */
export function factsOf(product: Product): ProductFacts {
  const variants = new Map(product.variants.map((variant) => [variant.sku, variant]))
  return {
    active: product.status === 'active',
    version: product.version,
    slug: product.slug,
    name: product.name,
    image: imageViews(product)[0] ?? null,
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
  if (form.price.amount === 0) return { ok: false, reason: 'free' }
  const sellable: Sellable = {
    product_id: key.product_id,
    sku,
    slug: facts.slug,
    name: facts.name,
    image: facts.image,
    product_version: facts.version,
    ...form,
  }
  return { ok: true, sellable }
}

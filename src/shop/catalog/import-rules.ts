import type { Fault } from '../../kernel/errors.ts'
import { Refusal } from '../../kernel/errors.ts'
import type { ProductRow } from './import-schema.ts'
import type { NewProduct, Product, ProductChange } from './schema.ts'

/** The SKUs that a row names. */
export function skusIn({ sku, variants }: ProductRow): string[] {
  return variants?.map((variant) => variant.sku) ?? (sku === undefined ? [] : [sku])
}

/** Throws for a row by which no product can be found. */
export function assertFindable(row: ProductRow): void {
  if (skusIn(row).length > 0) return
  throw refused([
    { pointer: '/sku', code: 'required', message: 'A row names its SKU, or those of its variants.' },
  ])
}

/** The row as a product to be made. Throws for one that says too little. */
export function newProductOf(row: ProductRow): NewProduct {
  const { name, price } = row
  if (name !== undefined && price !== undefined) return { ...row, name, price }
  const missing = (['name', 'price'] as const).filter((field) => row[field] === undefined)
  throw refused(
    missing.map((field) => ({
      pointer: `/${field}`,
      code: 'required',
      message: 'No product has this SKU, and a new one needs it.',
    })),
  )
}

/**
 * The row as a change of the product that it found: a SKU of several may bring its price and its stock. `on_hand` says what is
 * there by SKU; stock that is as it should be is not set.
 */
export function changeOf(
  row: ProductRow,
  product: Product,
  on_hand: ReadonlyMap<string, number>,
): ProductChange {
  const differing = (sku: string, stock: number | undefined) =>
    stock === undefined || (on_hand.get(sku) ?? 0) === stock ? {} : { stock }
  const { variants, stock, ...rest } = row
  if (variants) {
    const prices = new Map(product.variants.map(({ sku, price }) => [sku, price]))
    return {
      ...rest,
      variants: variants.map(({ stock: wanted, ...variant }) => ({
        price: prices.get(variant.sku) ?? null,
        ...variant,
        ...differing(variant.sku, wanted),
      })),
      ...(stock !== undefined && { stock }),
    }
  }
  if (product.variants.length === 0) return { ...rest, ...differing(row.sku!, stock) }
  return changeOfVariant(row, product, differing(row.sku!, stock))
}

function changeOfVariant(
  { sku, price, stock: _, ...others }: ProductRow,
  product: Product,
  stock: object,
): ProductChange {
  const foreign = Object.keys(others)
  if (foreign.length > 0) {
    const message =
      'This SKU is one of several of its product: only its price and its stock can be set by it.'
    throw refused(foreign.map((field) => ({ pointer: `/${field}`, code: 'not_allowed', message })))
  }
  return {
    variants: product.variants.map((variant) =>
      variant.sku === sku ? { ...variant, ...(price && { price }), ...stock } : variant,
    ),
  }
}

function refused(errors: Fault[]): Refusal {
  return new Refusal('invalid', 'invalid_row', 'The row does not fit; `errors` names each fault.', { errors })
}

/** The product as a row that makes it again. */
export function rowOf(
  product: Product,
  on_hand: ReadonlyMap<string, number>,
  isCategory: (id: string) => boolean,
): ProductRow {
  const { slug, name, description, price, compare_at_price, tags, attributes, status, options } = product
  const stock = (sku: string) => on_hand.get(sku) ?? 0
  return {
    ...{ slug, name, description, status, price, compare_at_price },
    ...{ category_ids: product.category_ids.filter(isCategory), tags, attributes },
    ...(product.variants.length > 0
      ? { options, variants: product.variants.map((variant) => ({ ...variant, stock: stock(variant.sku) })) }
      : { sku: product.skus[0]!, stock: stock(product.skus[0]!) }),
  }
}

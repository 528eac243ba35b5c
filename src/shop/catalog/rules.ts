import { Refusal } from '../../kernel/errors.ts'
import { faultsOf } from './fault-rules.ts'
import type {
  NewProduct,
  PendingStock,
  Product,
  ProductChange,
  ProductFields,
  ProductOption,
  VariantInput,
} from './schema.ts'
import { defaultSku } from './slug-rules.ts'

const EMPTY: Omit<ProductFields, 'name' | 'price' | 'slug' | 'skus'> = {
  description: '',
  compare_at_price: null,
  category_ids: [],
  tags: [],
  attributes: {},
  status: 'active',
  options: [],
  variants: [],
}

/** The fields of a new product. Throws `invalid` with every fault. */
export function newFields(input: NewProduct, { id, slug }: { id: string; slug: string }): ProductFields {
  const start: ProductFields = {
    ...EMPTY,
    name: input.name,
    price: input.price,
    slug,
    skus: [defaultSku(id)],
  }
  return changedFields(start, input, defaultSku(id))
}

/** The fields after a change. Throws `invalid` with every fault. `ownSku` is for a product that has none any more. */
export function changedFields(before: ProductFields, change: ProductChange, ownSku: string): ProductFields {
  const { sku, stock, variants, options, category_ids, ...plain } = change
  const inVariants =
    variants?.map(({ stock: _, price = null, ...variant }) => ({ ...variant, price })) ?? before.variants
  const single = before.variants.length === 0 ? before.skus[0] : undefined
  const after: ProductFields = {
    ...before,
    ...plain,
    ...(category_ids && { category_ids }),
    ...(plain.name !== undefined && { name: plain.name.trim() }),
    ...(plain.tags && { tags: [...new Set(plain.tags.map((tag) => tag.trim()))] }),
    options: options ?? (variants ? derivedOptions(variants, before.options) : before.options),
    variants: inVariants,
    skus: inVariants.length > 0 ? inVariants.map((variant) => variant.sku) : [sku ?? single ?? ownSku],
  }
  const faults = faultsOf(after, change)
  if (faults.length > 0) {
    throw new Refusal('invalid', 'invalid_body', 'The body does not fit; `errors` names each fault.', {
      errors: faults,
    })
  }
  return after
}

/** Remembers where an archived product came from. */
export function withStatus(before: Product, after: Product): Product {
  const { archived_from, ...rest } = after
  if (after.status !== 'archived') return rest
  return { ...rest, archived_from: before.status === 'archived' ? (archived_from ?? 'draft') : before.status }
}

/** Stock that the change promises, per SKU. */
export function promisedStock(change: ProductChange, skus: readonly string[], ref: string): PendingStock[] {
  const single = change.stock === undefined ? [] : [{ sku: skus[0]!, set: change.stock, ref }]
  const each = (change.variants ?? []).flatMap(({ sku, stock }) =>
    stock === undefined ? [] : [{ sku, set: stock, ref }],
  )
  return [...single, ...each]
}

/** Names of the fields that differ. */
export function changedNames(before: ProductFields, after: ProductFields): (keyof ProductFields)[] {
  const names: (keyof ProductFields)[] = [
    ...(['name', 'slug', 'description', 'price', 'compare_at_price', 'category_ids', 'tags'] as const),
    ...(['attributes', 'status', 'options', 'variants', 'skus', 'images'] as const),
  ]
  return names.filter((name) => inOrder(before[name]) !== inOrder(after[name]))
}

/** JSON with the keys of every object in order: who names them in another one changes nothing. */
function inOrder(value: unknown): string {
  const sorted = (inner: object) => Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(sorted(inner))
      : inner,
  )
}

/** Every option with its values in the order in which the variants name them; a known order is kept. */
function derivedOptions(variants: readonly VariantInput[], known: readonly ProductOption[]): ProductOption[] {
  const options = new Map<string, Set<string>>()
  for (const variant of variants) {
    for (const [name, value] of Object.entries(variant.options)) {
      if (!options.has(name)) options.set(name, new Set())
      options.get(name)!.add(value)
    }
  }
  return [...options].map(([name, values]) => {
    const before = known.find((option) => option.name === name)?.values ?? []
    return { name, values: [...new Set([...before.filter((value) => values.has(value)), ...values])] }
  })
}

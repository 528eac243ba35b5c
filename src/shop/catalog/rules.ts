import { type Fault, Refusal } from '../../kernel/errors.ts'
import type { Money } from '../../kernel/money.ts'
import {
  MAX_SLUG,
  type NewProduct,
  type PendingStock,
  type Product,
  type ProductChange,
  type ProductFields,
  type ProductOption,
  type VariantInput,
} from './schema.ts'

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

/** Room for what makes a slug unique behind a dash. */
const SLUG_STEM = MAX_SLUG - 27

/** A name as it stands in an address: without accents, lower case, words joined by dashes. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_STEM)
    .replace(/^-+|-+$/g, '')
  return slug === '' ? 'product' : slug
}

/** Slugs to try in turn for a product that was given none; the last one nobody else can have. */
export function slugCandidates(name: string, id: string): string[] {
  const stem = slugOf(name)
  const suffix = id.slice(id.indexOf('_') + 1)
  return [stem, `${stem}-${suffix.slice(-6)}`, `${stem}-${suffix}`]
}

/** The SKU of a product that was given none: as unique as its id. */
export function defaultSku(id: string): string {
  return id.slice(id.indexOf('_') + 1).toUpperCase()
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
    ...(['attributes', 'status', 'options', 'variants', 'skus'] as const),
  ]
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
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

function faultsOf(after: ProductFields, change: ProductChange): Fault[] {
  const faults: Fault[] = []
  const fault = (pointer: string, code: string, message: string) => faults.push({ pointer, code, message })
  if (after.variants.length > 0 && change.sku !== undefined)
    fault('/sku', 'not_allowed', 'A product with variants has a SKU for each of them.')
  if (after.variants.length > 0 && change.stock !== undefined)
    fault('/stock', 'not_allowed', 'A product with variants has stock for each of them.')
  if (after.variants.length === 0 && after.options.length > 0)
    fault('/options', 'not_allowed', 'Options need variants that are sold.')
  if (after.compare_at_price && !sameCurrency(after.compare_at_price, after.price))
    fault('/compare_at_price/currency', 'currency_mismatch', 'A product has one currency.')
  const names = after.options.map((option) => option.name)
  if (new Set(names).size < names.length)
    fault('/options', 'not_unique', 'Each option has a name of its own.')
  const skus = new Set<string>()
  const combinations = new Set<string>()
  for (const [at, variant] of after.variants.entries()) {
    const pointer = `/variants/${at}`
    if (skus.has(variant.sku)) fault(`${pointer}/sku`, 'not_unique', 'Another variant has this SKU.')
    skus.add(variant.sku)
    if (variant.price && !sameCurrency(variant.price, after.price))
      fault(`${pointer}/price/currency`, 'currency_mismatch', 'A product has one currency.')
    if (!fits(variant.options, after.options))
      fault(`${pointer}/options`, 'not_allowed', 'A variant has one of the values of each option.')
    const combination = JSON.stringify(names.map((name) => variant.options[name]))
    if (combinations.has(combination))
      fault(`${pointer}/options`, 'not_unique', 'Another variant has these options.')
    combinations.add(combination)
  }
  return faults
}

function fits(chosen: Record<string, string>, options: readonly ProductOption[]): boolean {
  const every = options.every(
    ({ name, values }) => chosen[name] !== undefined && values.includes(chosen[name]),
  )
  return every && Object.keys(chosen).length === options.length
}

function sameCurrency(a: Money, b: Money): boolean {
  return a.currency === b.currency
}

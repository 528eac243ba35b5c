import type { Fault } from '../../kernel/errors.ts'
import type { Money } from '../../kernel/money.ts'
import type { ProductChange, ProductFields, ProductOption } from './schema.ts'

/** What is wrong with the fields that a change leads to; empty when nothing is. */
export function faultsOf(after: ProductFields, change: ProductChange): Fault[] {
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

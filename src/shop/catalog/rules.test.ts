import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '../../kernel/errors.ts'
import { changedFields, changedNames, newFields, promisedStock, withStatus } from './rules.ts'
import type { NewProduct, Product, ProductChange } from './schema.ts'
import { slugCandidates, slugOf } from './slug-rules.ts'

const usd = (amount: number) => ({ amount, currency: 'USD' })
const ID = 'prd_01hf8m0000e0000000000000ab'
const fields = (input: Partial<NewProduct> = {}) =>
  newFields({ name: 'Thing', price: usd(1), ...input }, { id: ID, slug: 'thing' })
const changed = (input: Partial<NewProduct>, change: ProductChange) =>
  changedFields(fields(input), change, 'OWN')

function faultsOf(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (isRefusal(error, 'invalid_body'))
      return error.details.errors!.map(({ pointer, code }) => `${pointer} ${code}`)
    throw error
  }
  return []
}

test('an address is the name without accents, in words joined by dashes, never empty', () => {
  assert.equal(slugOf('  Crème  Brûlée & Co. (Straße) '), 'creme-brulee-co-strasse')
  assert.equal(slugOf('日本'), 'product')
  assert.ok(slugOf('x'.repeat(200)).length <= 64)
  const candidates = slugCandidates('x'.repeat(200), ID)
  assert.ok(candidates.every((slug) => slug.length <= 64 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug)))
  assert.equal(new Set(candidates).size, 3)
})

test('a product without a SKU gets one of its own', () => {
  assert.deepEqual(fields().skus, [ID.slice(4).toUpperCase()])
  assert.deepEqual(fields({ sku: 'A' }).skus, ['A'])
})

test('a change keeps what it does not name', () => {
  const before = fields({ sku: 'A', tags: ['x'] })
  const after = changedFields(before, { price: usd(2) }, 'OWN')
  assert.deepEqual([after.skus, after.tags, after.price], [['A'], ['x'], usd(2)])
  assert.deepEqual(changedNames(before, after), ['price'])
})

test('variants bring options and take the single SKU away; without them it comes back', () => {
  const variants = [
    { sku: 'S', options: { size: 'S', color: 'red' } },
    { sku: 'M', options: { size: 'M', color: 'red' } },
  ]
  const after = changed({ sku: 'A' }, { variants })
  assert.deepEqual(after.options, [
    { name: 'size', values: ['S', 'M'] },
    { name: 'color', values: ['red'] },
  ])
  assert.deepEqual(after.skus, ['S', 'M'])
  const back = changedFields(after, { variants: [], options: [] }, 'OWN')
  assert.deepEqual([back.skus, back.options], [['OWN'], []])
})

test('every fault of a product is named, not only the first', () => {
  const faults = faultsOf(() =>
    fields({
      sku: 'A',
      stock: 1,
      compare_at_price: { amount: 1, currency: 'EUR' },
      options: [{ name: 'size', values: ['S'] }],
      variants: [
        { sku: 'S', options: { size: 'S' }, price: { amount: 1, currency: 'EUR' } },
        { sku: 'S', options: { size: 'M' } },
      ],
    }),
  )
  assert.deepEqual(faults, [
    '/sku not_allowed',
    '/stock not_allowed',
    '/compare_at_price/currency currency_mismatch',
    '/variants/0/price/currency currency_mismatch',
    '/variants/1/sku not_unique',
    '/variants/1/options not_allowed',
  ])
  assert.deepEqual(
    faultsOf(() => changed({}, { options: [{ name: 'size', values: ['S'] }] })),
    ['/options not_allowed'],
  )
})

test('stock is promised for each SKU that names it', () => {
  assert.deepEqual(promisedStock({ stock: 3 }, ['A'], 'op'), [{ sku: 'A', set: 3, ref: 'op' }])
  const variants = [
    { sku: 'S', options: { size: 'S' }, stock: 0 },
    { sku: 'M', options: { size: 'M' } },
  ]
  assert.deepEqual(promisedStock({ variants }, ['S', 'M'], 'op'), [{ sku: 'S', set: 0, ref: 'op' }])
})

test('an archived product remembers what it was', () => {
  const active = { ...fields(), status: 'active' } as Product
  const archived = withStatus(active, { ...active, status: 'archived' })
  assert.equal(archived.archived_from, 'active')
  assert.equal(withStatus(archived, { ...archived, name: 'Other' }).archived_from, 'active')
  assert.equal('archived_from' in withStatus(archived, { ...archived, status: 'active' }), false)
})

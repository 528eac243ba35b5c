import fc from 'fast-check'

/** Text that begins as formulas, quotes and lists do, now and then. */
export const anyText = fc
  .tuple(
    fc.constantFrom(
      '',
      '',
      '=',
      '+',
      '-',
      '@',
      '\t',
      '\r',
      '\n',
      "'",
      "''=",
      "'=",
      '＝',
      '[',
      '"',
      '|',
      ' ',
      ',',
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  )
  .map(([first, rest]) => first + rest)
const label = anyText.map((text) => `${text}x`.slice(0, 100))
const money = fc.record({ amount: fc.nat(1_000_000), currency: fc.constant('USD') })
const attributes = fc.dictionary(
  fc
    .stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,9}$/)
    .filter((name) => name !== 'constructor' && name !== 'prototype'),
  fc.oneof(anyText, fc.integer(), fc.boolean()),
  { maxKeys: 3, noNullPrototype: true },
)
const shared = {
  ...{ name: label, description: anyText, price: money, attributes },
  compare_at_price: fc.option(money),
  status: fc.constantFrom('draft' as const, 'active' as const, 'archived' as const),
  category_ids: fc.uniqueArray(fc.stringMatching(/^cat_[a-z0-9]{5}$/), { maxLength: 2 }),
  tags: fc.uniqueArray(
    label.map((tag) => tag.trim()),
    { maxLength: 3 },
  ),
}
const single = fc.record({ ...shared, stock: fc.nat(1_000) })
const several = fc
  .record({ ...shared, values: fc.uniqueArray(label, { minLength: 1, maxLength: 4 }) })
  .chain(({ values, ...product }) =>
    fc.record({
      product: fc.constant(product),
      variants: fc.tuple(
        ...values.map((value) =>
          fc.record({
            options: fc.constant({ size: value }),
            price: fc.option(money),
            stock: fc.nat(1_000),
          }),
        ),
      ),
    }),
  )
  .map(({ product, variants }) => ({
    ...product,
    options: [{ name: 'size', values: variants.map(({ options }) => options.size) }],
    variants,
  }))

/** Rows of an import, with SKUs and slugs of their own. */
export const someProducts = fc.array(fc.oneof(single, several), { minLength: 1, maxLength: 5 }).map((rows) =>
  rows.map((row, at) => ({
    ...row,
    slug: `product-${at}`,
    ...('variants' in row
      ? { variants: row.variants.map((variant, number) => ({ ...variant, sku: `SKU-${at}-${number}` })) }
      : { sku: `SKU-${at}` }),
  })),
)

import fc, { type Arbitrary } from 'fast-check'
import { ProductRow } from '../../src/shop/catalog/import-schema.ts'
import { OrderRow } from '../../src/shop/orders/import-schema.ts'
import { formOf } from '../support/images.ts'
import { brokenInOnePlace, brokenText } from './broken.ts'
import { valuesOf } from './from-schema.ts'
import type { Operation, Schema } from './operations.ts'
import { anyWords } from './words.ts'

/** A body as it is sent, placeholders still in its text, with its media type. */
export interface FuzzBody {
  type: string | undefined
  content: string | Buffer
}

const JSON_TYPE = 'application/json'
const NDJSON = 'application/x-ndjson'
const CSV = 'text/csv'
const FORM = 'multipart/form-data'
const TYPED_ID = /\b([a-z]{3})_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g
const TYPES = [
  JSON_TYPE,
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'text/plain',
  'application/x-www-form-urlencoded',
  `${FORM}; boundary=x`,
  FORM,
  NDJSON,
  CSV,
  'application/json;',
  'application',
  '',
]
/** Rows have no schema in the document: they are those of `POST /products`, and of orders as their import reads them. */
const ROWS: Record<string, Schema> = {
  '/products/import': ProductRow as Schema,
  '/orders/import': OrderRow as Schema,
}

/**
 * Bodies for an operation: most as the document wants them, or as an example of it has them, some broken in one place, some no JSON at
 * all, some of another type. Where the operation takes none, there is one now and then.
 */
export function bodiesOf(
  operation: Operation,
  examples: readonly string[],
  pictures: readonly Buffer[],
): Arbitrary<FuzzBody | undefined> {
  const types = Object.keys(operation.bodies)
  if (types.includes(FORM)) return mostly(formsOf(operation.bodies[FORM]!, pictures))
  if (types.includes(NDJSON)) return mostly(rowsOf(operation, examples))
  const schema = operation.bodies[JSON_TYPE]
  const none = { weight: 12, arbitrary: fc.constant(undefined) }
  if (!schema && examples.length === 0)
    return operation.method === 'GET'
      ? fc.constant(undefined)
      : fc.oneof(none, { weight: 1, arbitrary: anyBody() })
  return mostly(jsonBodies(schema ?? {}, examples))
}

function mostly(bodies: Arbitrary<FuzzBody>): Arbitrary<FuzzBody | undefined> {
  const otherType = fc.tuple(bodies, fc.constantFrom(...TYPES)).map(([body, type]) => ({ ...body, type }))
  return fc.oneof(
    { weight: 20, arbitrary: bodies },
    { weight: 1, arbitrary: otherType },
    { weight: 1, arbitrary: anyBody() },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
}

function anyBody(): Arbitrary<FuzzBody> {
  return fc.record({ type: fc.constantFrom(...TYPES), content: brokenText(fc.json()) })
}

function jsonBodies(schema: Schema, examples: readonly string[]): Arbitrary<FuzzBody> {
  const fitting = valuesOf(schema)
  const given = examples.length > 0 ? anExample(examples) : fitting
  const texts = (values: Arbitrary<unknown>) => values.map((value) => JSON.stringify(value))
  const content = fc.oneof(
    ...[texts(fitting), texts(given)].map((arbitrary) => ({ weight: 4, arbitrary })),
    ...[brokenInOnePlace(fitting), brokenInOnePlace(given)].map((arbitrary) => ({ weight: 3, arbitrary })),
    { weight: 1, arbitrary: brokenText(texts(given)) },
  )
  return content.map((content) => ({ type: JSON_TYPE, content }))
}

/** An example as it is, or with other things than it names. */
function anExample(examples: readonly string[]): Arbitrary<unknown> {
  const place = fc.option(fc.nat(1_000))
  return fc
    .tuple(fc.constantFrom(...examples), place)
    .map(
      ([text, at]) =>
        JSON.parse(
          at === null
            ? text
            : text.replaceAll(
                TYPED_ID,
                (_, kind: string) => `{{${kind === 'prd' ? 'on_sale' : kind}:${at}}}`,
              ),
        ) as unknown,
    )
}

function rowsOf({ template }: Operation, examples: readonly string[]): Arbitrary<FuzzBody> {
  const fitting = valuesOf(ROWS[template] ?? {})
  const rows = fc.oneof(
    fitting.map((value) => JSON.stringify(value)),
    brokenInOnePlace(fitting),
    anyWords(),
  )
  const lines = fc.array(rows, { maxLength: 4 }).map((texts) => texts.join('\n'))
  const cells = fc.array(
    fc.array(fc.oneof(anyWords(), fc.constantFrom('', '1', '"', 'sku', 'name')), { maxLength: 5 }),
    { maxLength: 4 },
  )
  const table = fc
    .tuple(
      fc.constantFrom('sku,name,price,currency,stock\n', 'slug,sku,variant\n', 'sku\n', 'sku,sku\n', ''),
      cells,
    )
    .map(([header, lines]) => header + lines.map((line) => line.join()).join('\n'))
  const example = fc.constantFrom(...examples, '')
  return fc.oneof(
    fc.oneof(lines, example, brokenText(lines)).map((content) => ({ type: NDJSON, content })),
    fc.oneof(table, example, brokenText(example)).map((content) => ({ type: CSV, content })),
  )
}

function formsOf(schema: Schema, pictures: readonly Buffer[]): Arbitrary<FuzzBody> {
  const { file: _, ...fields } = schema.properties ?? {}
  const files = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...pictures) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...pictures), fc.nat(400))
        .map(([bytes, at]) => bytes.subarray(0, at)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.constant(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')) },
  )
  const values = Object.entries(fields).map(([name, one]) =>
    fc.oneof(valuesOf(one).map(String), anyWords()).map((value) => ({ name, value })),
  )
  const others = fc.record({
    name: fc.constantFrom('file', 'alt', '__proto__', '', 'x'.repeat(200)),
    value: anyWords(),
  })
  const filePart = fc.tuple(files, anyWords({ maxLength: 20 })).map(([value, filename]) => ({
    ...{ name: 'file', value, type: 'image/png', filename: filename.replaceAll(/["\r\n\0]/g, '') },
  }))
  const parts = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(...values, filePart),
    },
    { weight: 1, arbitrary: fc.array(fc.oneof(others, filePart), { maxLength: 14 }) },
  )
  return fc.tuple(parts, fc.integer({ min: 1, max: 12 })).map(([all, cut]) => {
    const { raw, headers } = formOf(all)
    // Now and then the end is missing.
    return { type: headers['content-type'], content: cut === 12 ? raw.subarray(0, raw.length - 30) : raw }
  })
}

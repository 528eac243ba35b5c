import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText, someProducts } from '../../../test/support/any-products.ts'
import { rowReader } from '../../http/rows.ts'
import { ProductRow } from '../catalog/import-schema.ts'
import { PRODUCT_TABLE, productRows } from '../catalog/table-rules.ts'
import { cellOf, textOf } from './cell-rules.ts'
import { csvOf, headerOf } from './csv.ts'
import { receivedRows } from './incoming.ts'
import { linesOf } from './lines.ts'
import { MAX_ROW_BYTES, type ReceivedRow } from './schema.ts'

const RUNS = { numRuns: 100 }
const reader = rowReader(ProductRow)

async function received(csv: string, cut: number): Promise<ReceivedRow[]> {
  const bytes = Buffer.from(csv)
  const chunks = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, at) =>
    bytes.subarray(at * cut, (at + 1) * cut),
  )
  const source = Readable.from(chunks, { objectMode: false })
  return Array.fromAsync(
    receivedRows({ source, format: 'csv', reader, table: PRODUCT_TABLE, keyOf: () => null }),
  )
}

test('every text comes back from its cell, and no cell is a formula', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.equal(textOf(cellOf(text)), text)
      assert.doesNotMatch(cellOf(text), /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/)
    }),
    RUNS,
  )
})

test('whatever a product says, it says the same after it went through a table, however the bytes arrive', async () => {
  await fc.assert(
    fc.asyncProperty(someProducts, fc.integer({ min: 1, max: 200 }), async (rows, cut) => {
      const csv =
        headerOf(PRODUCT_TABLE.columns) +
        csvOf(
          rows.flatMap((row) => productRows(row as ProductRow)),
          PRODUCT_TABLE.columns,
        )
      const back = await received(csv, cut)
      assert.deepEqual(
        back.map(({ refusal }) => refusal),
        rows.map(() => undefined),
      )
      assert.deepEqual(
        back.map(({ text }) => JSON.parse(text!)),
        JSON.parse(JSON.stringify(rows)),
      )
    }),
    RUNS,
  )
})

test('lines are found wherever the chunks end; a byte order mark, empty lines and one that is too long do no harm', async () => {
  const text = Buffer.from(`\uFEFFa\r\n\n${'x'.repeat(MAX_ROW_BYTES + 1)}\nb\nlast`)
  for (const cut of [1_000, 7_919, text.length]) {
    const chunks = Array.from({ length: Math.ceil(text.length / cut) }, (_, at) =>
      text.subarray(at * cut, (at + 1) * cut),
    )
    const lines = await Array.fromAsync(linesOf(Readable.from(chunks) as AsyncIterable<Buffer>))
    assert.deepEqual(
      lines.map(({ row, bytes }) => [row, bytes?.toString()]),
      [
        [1, 'a'],
        [3, undefined],
        [4, 'b'],
        [5, 'last'],
      ],
    )
  }
})

test('of more rows than a product may have one more is kept, so that it is refused', async () => {
  const rows = Array.from({ length: 300 }, (_, at) => `shirt,S-${at},"{""n"":""${at}""}"`)
  const [only, ...others] = await received(`slug,sku,variant\n${rows.join('\n')}\n`, 1_000)
  assert.deepEqual([others.length, only!.row, only!.rows], [0, 2, 300])
  assert.deepEqual(
    only!.refusal!.errors.map(({ pointer, code }) => [pointer, code]),
    [['/variants', 'too_many']],
  )
})

test('a later row of a product that says something else than the first is refused', async () => {
  const csv = 'slug,sku,name,variant\nmug,A,Mug,"{""c"":""1""}"\nmug,B,Cup,"{""c"":""2""}"\n'
  const [row] = await received(csv, 1_000)
  assert.deepEqual(
    row!.refusal!.errors.map(({ pointer, code }) => [pointer, code]),
    [['/name', 'differs']],
  )
})

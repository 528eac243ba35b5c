import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import type { ListingWorld } from './listing-fixtures.ts'

/** Search: words, prefixes, accents, ranking; never an expression. */
export function listingSearchContract(open: (t: TestContext) => Promise<ListingWorld>): void {
  it('finds all words anywhere, the last by its beginning, whatever their accents and case', async (t) => {
    const { add, ids } = await open(t)
    const pot = await add({
      name: 'Crème Brûlée Pot',
      text: text('Crème Brûlée Pot', 'for the Kitchen', 'POT-7B'),
    })
    const mug = await add({ name: 'Kitchen mug', text: text('Kitchen mug', 'weiße Straße', 'MUG-1') })
    const search = (q: string) => ids({ text: q, sort: 'relevance' })
    assert.deepEqual(await search('creme BRULEE'), [pot])
    assert.deepEqual(await search('brûl'), [pot])
    assert.deepEqual(await search('cre pot'), [], 'only the last word may be begun')
    assert.deepEqual((await search('kitch')).sort(), [pot, mug].sort())
    assert.deepEqual(await search('strasse'), [mug])
    assert.deepEqual(await search('pot-7'), [pot])
    assert.deepEqual(await search('kitchen nothing'), [])
  })

  it('takes every input as literal words', async (t) => {
    const { add, ids } = await open(t)
    const id = await add({ name: "Drop table 'x' OR 1=1" })
    for (const q of [
      '"',
      "' OR 1=1 --",
      'name:',
      '(a+)+$',
      '.*'.repeat(100),
      '* ^ NEAR( {',
      '\u0000',
      '☃',
      'ﬀ 日本',
      '-',
      '😀 %',
    ]) {
      await ids({ text: q, sort: 'relevance' })
    }
    assert.deepEqual(await ids({ text: 'table OR drop', sort: 'relevance' }), [id], 'OR is a word')
    assert.deepEqual(await ids({ text: 'NOT', sort: 'relevance' }), [])
    assert.deepEqual(await ids({ text: '', sort: 'relevance' }), [])
  })

  it('ranks names before descriptions and whole words before beginnings', async (t) => {
    const { add, walk } = await open(t)
    const described = await add({ name: 'Saucer', text: text('Saucer', 'goes with the cup') })
    const begun = await add({ name: 'Cupboard of oak' })
    const whole = await add({ name: 'Cup' })
    assert.deepEqual(await walk({ text: 'cup', sort: 'relevance', limit: 1 }), [whole, begun, described])
  })

  it('sorts and filters what it found, and follows a change of the text', async (t) => {
    const { add, ids, listed } = await open(t)
    const dear = await add({ name: 'Lamp of brass', price: 900, tags: ['light'] })
    const cheap = await add({ name: 'Lamp of tin', price: 100 })
    assert.deepEqual(await ids({ text: 'lamp', sort: 'price', currency: 'USD' }), [cheap, dear])
    assert.deepEqual(await ids({ text: 'lamp', sort: 'relevance', tag: 'light' }), [dear])
    assert.deepEqual(await ids({ text: 'lamp', sort: 'relevance', currency: 'USD', max_price: 200 }), [cheap])
    const read = (await listed.get(dear))!
    await listed.replace({ ...read, row: { ...read.row!, name: 'Candle', text: text('Candle', '') } })
    assert.deepEqual(await ids({ text: 'lamp', sort: 'relevance' }), [cheap])
    assert.deepEqual(await ids({ text: 'candle', sort: 'relevance' }), [dear])
  })
}

function text(name: string, description: string, skus = '') {
  return { name, description, skus, tags: '' }
}

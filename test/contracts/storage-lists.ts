import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ListQuery, Storage } from '../../src/storage/storage.ts'
import { NOTES, type Note, note, type OpenStorage } from './storage-fixtures.ts'

async function idsOf(storage: Storage, query: Omit<ListQuery, 'limit'>): Promise<string[]> {
  const { items } = await storage.collection(NOTES).list({ ...query, limit: 100 })
  return items.map(({ id }) => id)
}

async function fill(storage: Storage, changes: Partial<Note>[]): Promise<void> {
  const verdicts = await storage.collection(NOTES).insertMany(changes.map(note))
  assert.ok(verdicts.every(({ ok }) => ok))
}

/** What a list finds and in which order; how pages join is the paging contract's business. */
export function listContract(open: OpenStorage): void {
  describe('lists', () => {
    it('order by the field behind the equal ones, then by id, either way', async (t) => {
      const { storage } = await open(t)
      await fill(storage, [
        { id: 'op_1', rank: 10 },
        { id: 'op_3', rank: 9 },
        { id: 'op_2', rank: 9 },
        { id: 'op_4', rank: -1 },
        { id: 'op_5', rank: 2.5 },
        { id: 'op_6', owner: 'usr_2' },
      ])
      const ascending = ['op_4', 'op_5', 'op_2', 'op_3', 'op_1']
      assert.deepEqual(await idsOf(storage, { index: 'by_owner', equal: ['usr_1'] }), ascending)
      const descending = await idsOf(storage, { index: 'by_owner', equal: ['usr_1'], order: 'desc' })
      assert.deepEqual(descending, ascending.toReversed())
      assert.deepEqual(await idsOf(storage, { index: 'by_owner', equal: ['usr_1', 9] }), ['op_2', 'op_3'])
    })

    it('take a range: from inclusive, before exclusive', async (t) => {
      const { storage } = await open(t)
      await fill(
        storage,
        [1, 2, 3, 4, 5].map((rank) => ({ id: `op_${rank}`, rank })),
      )
      const index = { index: 'by_owner', equal: ['usr_1'] }
      assert.deepEqual(await idsOf(storage, { ...index, range: { from: 2, before: 4 } }), ['op_2', 'op_3'])
      assert.deepEqual(await idsOf(storage, { ...index, range: { from: 4 }, order: 'desc' }), [
        'op_5',
        'op_4',
      ])
      assert.deepEqual(await idsOf(storage, { ...index, range: { before: 2 } }), ['op_1'])
      assert.deepEqual(await idsOf(storage, { ...index, range: { from: 9 } }), [])
    })

    it('take a prefix, in which nothing is a wildcard', async (t) => {
      const { storage } = await open(t)
      const texts = ['b', 'a', 'ab', 'a%', 'a_c', 'abc', 'Ab', 'a😀', 'a\uffff', 'á']
      await fill(
        storage,
        texts.map((text) => ({ id: `op_${text}`, text })),
      )
      const withPrefix = async (prefix: string) =>
        (await idsOf(storage, { index: 'by_text', range: { prefix } })).map((id) => id.slice(3)).sort()
      assert.deepEqual(await withPrefix('a'), texts.filter((text) => text.startsWith('a')).sort())
      assert.deepEqual(await withPrefix('ab'), ['ab', 'abc'])
      assert.deepEqual(await withPrefix('a%'), ['a%'])
      assert.deepEqual(await withPrefix('a😀'), ['a😀'])
      assert.equal((await withPrefix('')).length, texts.length)
    })

    it('leave out documents that lack a field of the index', async (t) => {
      const { storage } = await open(t)
      await fill(storage, [{ id: 'op_1' }, { id: 'op_2', due: '2026' }, { id: 'op_3', due: '2025' }])
      assert.deepEqual(await idsOf(storage, { index: 'by_due' }), ['op_3', 'op_2'])
      assert.deepEqual(await storage.collection(NOTES).count({ index: 'by_due' }), {
        value: 2,
        relation: 'eq',
      })
      const second = (await storage.collection(NOTES).get('op_2'))!
      await storage.collection(NOTES).replace({ ...second, due: undefined })
      assert.deepEqual(await idsOf(storage, { index: 'by_due' }), ['op_3'])
    })

    it('know true from false', async (t) => {
      const { storage } = await open(t)
      await fill(storage, [
        { id: 'op_1', open: true },
        { id: 'op_2', open: false },
        { id: 'op_3', open: true },
      ])
      assert.deepEqual(await idsOf(storage, { index: 'by_open', equal: [true] }), ['op_1', 'op_3'])
      assert.deepEqual(await idsOf(storage, { index: 'by_open', equal: [false] }), ['op_2'])
      assert.deepEqual(
        await idsOf(storage, { index: 'by_owner', equal: ['usr_1'], where: { open: false } }),
        ['op_2'],
      )
    })

    it('find by every element of a multi-valued index, each document once', async (t) => {
      const { storage } = await open(t)
      await fill(storage, [
        { id: 'op_1', tags: ['red', 'blue', 'red'], rank: 2 },
        { id: 'op_2', tags: ['red'], rank: 1 },
        { id: 'op_3', tags: [] },
      ])
      const red = { index: 'by_tag', equal: ['red'] }
      assert.deepEqual(await idsOf(storage, red), ['op_2', 'op_1'])
      assert.deepEqual(await idsOf(storage, { ...red, order: 'desc', range: { from: 2 } }), ['op_1'])
      const first = (await storage.collection(NOTES).get('op_1'))!
      await storage.collection(NOTES).replace({ ...first, tags: ['blue', 'green'], rank: 0 })
      assert.deepEqual(await idsOf(storage, red), ['op_2'])
      assert.deepEqual(await idsOf(storage, { index: 'by_tag', equal: ['green', 0] }), ['op_1'])
    })

    it('filter by further fields of the document, declared or not', async (t) => {
      const { storage } = await open(t)
      await fill(storage, [
        { id: 'op_1', state: 'new', rank: 1 },
        { id: 'op_2', state: 'old', rank: 2, idem: { key: 'k' } },
        { id: 'op_3', state: 'old', rank: 3 },
      ])
      const all = { index: 'by_owner', equal: ['usr_1'] }
      assert.deepEqual(await idsOf(storage, { ...all, where: { state: 'old' } }), ['op_2', 'op_3'])
      assert.deepEqual(await idsOf(storage, { ...all, where: { state: 'old', 'idem.key': 'k' } }), ['op_2'])
      assert.deepEqual(await idsOf(storage, { ...all, where: { rank: 3 } }), ['op_3'])
      assert.deepEqual(await idsOf(storage, { ...all, where: { nothing: 'here' } }), [])
      const counted = await storage.collection(NOTES).count({ ...all, where: { state: 'old' } })
      assert.deepEqual(counted, { value: 2, relation: 'eq' })
    })

    it('refuse what no declared index answers', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      await assert.rejects(notes.list({ index: 'by_luck', limit: 1 }))
      await assert.rejects(notes.list({ index: 'by_owner', limit: 1 }))
      await assert.rejects(notes.list({ index: 'by_tag', limit: 1 }))
      await assert.rejects(notes.list({ index: 'by_text', limit: 0 }))
      await assert.rejects(notes.list({ index: 'by_text', limit: 1_001 }))
      await assert.rejects(notes.getBy('by_owner', ['usr_1', 1]))
      await assert.rejects(notes.getBy('by_key', ['usr_1']))
    })
  })
}

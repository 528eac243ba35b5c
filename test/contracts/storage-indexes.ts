import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isRefusal } from '../../src/kernel/errors.ts'
import { NOTES, note, type OpenStorage } from './storage-fixtures.ts'

const brokenIndex = (index: string) => (error: unknown) =>
  isRefusal(error, 'duplicate') && error.kind === 'conflict' && error.details.extra?.index === index

/** Unique indexes, of one value and of many. */
export function indexContract(open: OpenStorage): void {
  describe('unique indexes', () => {
    it('name what was taken: the id, a plain index or a multi-valued one', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const first = await notes.insert(note({ idem: { key: 'k' }, parts: [{ code: 'C1' }, { code: 'C2' }] }))
      await assert.rejects(notes.insert(note({ id: first.id })), brokenIndex('id'))
      await assert.rejects(notes.insert(note({ idem: { key: 'k' } })), brokenIndex('by_key'))
      await assert.rejects(
        notes.insert(note({ parts: [{ code: 'C3' }, { code: 'C2' }] })),
        brokenIndex('by_code'),
      )
      await notes.insert(note({ parts: [{ code: 'C3' }] }))
      assert.deepEqual(await notes.count({ index: 'by_owner', equal: ['usr_1'] }), {
        value: 2,
        relation: 'eq',
      })
    })

    it('find by all of their fields', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const first = await notes.insert(note({ idem: { key: 'k' }, parts: [{ code: 'C1' }, { code: 'C2' }] }))
      assert.deepEqual(await notes.getBy('by_key', ['usr_1', 'k']), first)
      assert.deepEqual(await notes.getBy('by_code', ['C2']), first)
      assert.equal(await notes.getBy('by_key', ['usr_2', 'k']), undefined)
      assert.equal(await notes.getBy('by_code', ['C3']), undefined)
    })

    it('take no notice of documents that lack a field', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      for (let n = 0; n < 3; n++) await notes.insert(note())
      assert.deepEqual(await notes.count({ index: 'by_key', equal: ['usr_1'] }), { value: 0, relation: 'eq' })
    })

    it('follow a replace: old values are free, new ones taken', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const first = await notes.insert(note({ idem: { key: 'k' }, parts: [{ code: 'C1' }, { code: 'C2' }] }))
      const second = await notes.insert(note({ parts: [{ code: 'C9' }] }))
      await assert.rejects(notes.replace({ ...second, parts: [{ code: 'C1' }] }), brokenIndex('by_code'))
      await assert.rejects(notes.replace({ ...second, idem: { key: 'k' } }), brokenIndex('by_key'))
      assert.deepEqual(await notes.get(second.id), second)
      await notes.replace({ ...first, idem: undefined, parts: [{ code: 'C2' }] })
      const taken = await notes.replace({ ...second, idem: { key: 'k' }, parts: [{ code: 'C1' }] })
      assert.deepEqual(await notes.getBy('by_code', ['C1']), taken)
      assert.equal(await notes.getBy('by_code', ['C9']), undefined)
    })

    it('compare texts exactly', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      for (const key of ['key', 'Key', 'ké', 'ke\u0301', 'key ', '1'])
        await notes.insert(note({ idem: { key } }))
      assert.deepEqual(await notes.count({ index: 'by_key', equal: ['usr_1'] }), { value: 6, relation: 'eq' })
    })

    it('judge each of many documents alone', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const first = await notes.insert(note({ idem: { key: 'k' } }))
      const verdicts = await notes.insertMany([
        note({ parts: [{ code: 'C1' }] }),
        note({ id: first.id }),
        note({ idem: { key: 'k' } }),
        note({ parts: [{ code: 'C1' }] }),
        note({ id: 'op_last' }),
      ])
      assert.deepEqual(verdicts, [
        { ok: true },
        { ok: false, index: 'id' },
        { ok: false, index: 'by_key' },
        { ok: false, index: 'by_code' },
        { ok: true },
      ])
      assert.equal((await notes.get('op_last'))!.version, 1)
      assert.deepEqual(await notes.insertMany([]), [])
    })
  })
}

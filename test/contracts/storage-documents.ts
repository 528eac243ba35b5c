import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isRefusal } from '../../src/kernel/errors.ts'
import { NOTES, note, type OpenStorage, outboxOf, told } from './storage-fixtures.ts'

const LARGE_TEXT_BYTES = 1024 * 1024

/** One document: its states, its versions and the events that come with them. */
export function documentContract(open: OpenStorage): void {
  describe('documents', () => {
    it('gives back what was inserted, with version 1, also after it was opened again', async (t) => {
      const opened = await open(t)
      const notes = opened.storage.collection(NOTES)
      const draft = note({ tags: ['b', 'a'], parts: [{ code: 'C1' }], idem: { key: 'k' }, rank: -1.5 })
      const inserted = await notes.insert(draft)
      assert.equal(inserted.version, 1)
      assert.deepEqual(await notes.get(draft.id), inserted)
      const again = (await opened.reopen()).collection(NOTES)
      assert.deepEqual(await again.get(draft.id), inserted)
      assert.equal(await again.get('op_nobody'), undefined)
    })

    it('keeps every text as it was, and documents of a megabyte', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const texts = [
        '',
        'naïve Größe 😀',
        'quote " \\ and \u2028',
        "'; DROP TABLE notes; --",
        '$where',
        'x'.repeat(LARGE_TEXT_BYTES),
      ]
      for (const text of texts) {
        const { id } = await notes.insert(note({ state: text }))
        assert.equal((await notes.get(id))!.state, text)
      }
    })

    it('keeps fields whose names mean something to a database or to JavaScript', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const extra = JSON.parse('{"__proto__":{"a":1},"a.b":2,"constructor":3}') as object
      const draft = { ...note(), extra }
      await notes.insert(draft)
      const found = (await notes.get(draft.id)) as unknown as typeof draft
      assert.equal(JSON.stringify(found.extra), JSON.stringify(extra))
    })

    it('replaces a document and raises its version by one', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const first = await notes.insert(note())
      const second = await notes.replace({ ...first, state: 'changed', due: 'soon' })
      assert.equal(second.version, 2)
      const { due, ...rest } = second
      const third = await notes.replace(rest)
      assert.equal(due, 'soon')
      assert.deepEqual(await notes.get(first.id), third)
      assert.equal('due' in third, false)
    })

    it('refuses a replace whose version has moved, and one of a document that is not there', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const first = await notes.insert(note())
      await notes.replace({ ...first, state: 'mine' })
      const late = notes.replace({ ...first, state: 'late' }, [told(first.id, 'late')])
      await assert.rejects(
        late,
        (error) => isRefusal(error, 'version_moved') && error.kind === 'version_conflict',
      )
      await assert.rejects(notes.replace({ ...first, id: 'op_gone' }), (error) =>
        isRefusal(error, 'version_moved'),
      )
      assert.equal((await notes.get(first.id))!.state, 'mine')
      assert.deepEqual(await storage.outbox.read(0, 10), [])
    })

    it('commits a document together with its events, or neither', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const first = await notes.insert(note({ idem: { key: 'k' } }), [])
      const second = note({ idem: { key: 'k' } })
      const refused = notes.insert(second, [told(second.id, 'one'), told(second.id, 'two')])
      await assert.rejects(refused, (error) => isRefusal(error, 'duplicate'))
      assert.equal(await notes.get(second.id), undefined)
      await notes.replace(first, [told(first.id, 'three')])
      const entries = await outboxOf(storage, 1)
      assert.deepEqual(
        entries.map(({ event }) => event.data),
        [{ step: 'three' }],
      )
    })

    it('refuses an event that no log could carry, and the document with it', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const draft = note()
      const insert = notes.insert(draft, [told(draft.id, 'x'.repeat(LARGE_TEXT_BYTES))])
      await assert.rejects(insert, (error) => isRefusal(error, 'event_too_large'))
      assert.equal(await notes.get(draft.id), undefined)
    })

    it('removes a document only in the version that was read', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const first = await notes.insert(note({ idem: { key: 'k' }, tags: ['a'], parts: [{ code: 'C' }] }))
      const second = await notes.replace(first)
      assert.equal(await notes.remove(first.id, 1), false)
      assert.deepEqual(await notes.get(first.id), second)
      assert.equal(await notes.remove(first.id, 2), true)
      assert.equal(await notes.remove(first.id, 2), false)
      assert.equal(await notes.get(first.id), undefined)
      await notes.insert(note({ idem: { key: 'k' }, parts: [{ code: 'C' }] }))
      assert.deepEqual((await notes.list({ index: 'by_tag', equal: ['a'], limit: 10 })).items, [])
    })

    it('gets many in the order that was asked for, without those that are not there', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const ids = ['op_c', 'op_a', 'op_b']
      for (const id of ids) await notes.insert(note({ id }))
      const found = await notes.getMany(['op_b', 'op_x', 'op_c', 'op_a'])
      assert.deepEqual(
        found.map(({ id }) => id),
        ['op_b', 'op_c', 'op_a'],
      )
      assert.deepEqual(await notes.getMany([]), [])
    })
  })
}

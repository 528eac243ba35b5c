import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isRefusal } from '../../src/kernel/errors.ts'
import { NOTES, note, type OpenStorage, told } from './storage-fixtures.ts'

const closed = (error: unknown) => isRefusal(error, 'storage_unavailable') && error.kind === 'unavailable'

/** What closing does to work in flight. */
export function closingContract(open: OpenStorage): void {
  describe('closing', () => {
    it('finishes every write that was taken', async (t) => {
      const opened = await open(t)
      const drafts = Array.from({ length: 300 }, (_, rank) => note({ rank }))
      const inserts = drafts.map((draft) =>
        opened.storage.collection(NOTES).insert(draft, [told(draft.id, 'made')]),
      )
      const answers = Promise.all(inserts)
      const again = await opened.reopen()
      assert.equal((await answers).length, 300)
      const found = await again.collection(NOTES).getMany(drafts.map(({ id }) => id))
      assert.equal(found.length, 300)
    })

    it('refuses writes that come later, and may be asked for twice', async (t) => {
      const { storage } = await open(t)
      const first = await storage.collection(NOTES).insert(note())
      await Promise.all([storage.close(), storage.close()])
      await assert.rejects(storage.collection(NOTES).insert(note()), closed)
      await assert.rejects(storage.collection(NOTES).replace(first), closed)
      await assert.rejects(storage.check(), closed)
      await storage.close()
    })

    it('leaves a storage that answers its check when it is opened again', async (t) => {
      const opened = await open(t)
      await opened.storage.check()
      const again = await opened.reopen()
      await again.check()
    })
  })
}

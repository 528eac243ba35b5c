import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isRefusal } from '../../src/kernel/errors.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { NOTES, note, type OpenStorage, outboxOf, told } from './storage-fixtures.ts'

const RACERS = 50

/** How many succeeded; every other one must have been refused with this code. */
async function winners(attempts: Promise<unknown>[], code: string): Promise<number> {
  const results = await Promise.allSettled(attempts)
  const refused = results.filter((result) => result.status === 'rejected')
  for (const { reason } of refused) assert.ok(isRefusal(reason, code), String(reason))
  return results.length - refused.length
}

/** Adds one to a note's rank and tells of it, again until its version holds. */
async function raise(storage: Storage, id: string): Promise<void> {
  const notes = storage.collection(NOTES)
  for (;;) {
    const current = (await notes.get(id))!
    try {
      await notes.replace({ ...current, rank: current.rank + 1 }, [told(id, String(current.rank + 1))])
      return
    } catch (error) {
      if (!isRefusal(error, 'version_moved')) throw error
    }
  }
}

/** Many at once. */
export function raceContract(open: OpenStorage): void {
  describe('races', () => {
    it('let one of fifty take a unique value, and tell of that one only', async (t) => {
      const { storage } = await open(t)
      const drafts = Array.from({ length: RACERS }, (_, rank) => note({ rank, idem: { key: 'k' } }))
      const inserts = drafts.map((draft) => storage.collection(NOTES).insert(draft, [told(draft.id, 'made')]))
      assert.equal(await winners(inserts, 'duplicate'), 1)
      const kept = await storage.collection(NOTES).getBy('by_key', ['usr_1', 'k'])
      const entries = await outboxOf(storage, 1)
      assert.deepEqual(
        entries.map(({ event }) => event.subject),
        [`notes/${kept!.id}`],
      )
    })

    it('let one of fifty take an element of a multi-valued unique index', async (t) => {
      const { storage } = await open(t)
      const drafts = Array.from({ length: RACERS }, (_, n) =>
        note({ parts: [{ code: `own-${n}` }, { code: 'C' }] }),
      )
      const inserts = drafts.map((draft) => storage.collection(NOTES).insert(draft))
      assert.equal(await winners(inserts, 'duplicate'), 1)
      assert.deepEqual(await storage.collection(NOTES).count({ index: 'by_owner', equal: ['usr_1'] }), {
        value: 1,
        relation: 'eq',
      })
    })

    it('let one of fifty replace a version', async (t) => {
      const { storage } = await open(t)
      const first = await storage.collection(NOTES).insert(note())
      const replaces = Array.from({ length: RACERS }, (_, rank) =>
        storage.collection(NOTES).replace({ ...first, rank }),
      )
      assert.equal(await winners(replaces, 'version_moved'), 1)
      assert.equal((await storage.collection(NOTES).get(first.id))!.version, 2)
    })

    it('lose no change when fifty retry, and number their events without gaps', async (t) => {
      const { storage } = await open(t)
      const { id } = await storage.collection(NOTES).insert(note({ rank: 0 }))
      await Promise.all(Array.from({ length: RACERS }, () => raise(storage, id)))
      const final = (await storage.collection(NOTES).get(id))!
      assert.equal(final.rank, RACERS)
      assert.equal(final.version, RACERS + 1)
      const entries = await outboxOf(storage, RACERS)
      for (const [place, { event }] of entries.entries()) {
        assert.equal(event.sequence, place + 1)
        assert.deepEqual(event.data, { step: String(place + 1) })
      }
    })

    it('show each caller its own write at once', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const write = async () => {
        const { id } = await notes.insert(note({ tags: ['mine'] }))
        assert.ok(await notes.get(id))
        const { items } = await notes.list({ index: 'by_tag', equal: ['mine'], limit: 1_000 })
        assert.ok(items.some((item) => item.id === id))
      }
      await Promise.all(Array.from({ length: RACERS }, write))
    })
  })
}

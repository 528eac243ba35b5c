import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ListQuery, Storage } from '../../src/storage/storage.ts'
import { allPages, NOTES, type Note, note, type OpenStorage } from './storage-fixtures.ts'

const COUNTED = 10_000

async function fill(storage: Storage, count: number, change: (n: number) => Partial<Note>): Promise<void> {
  const drafts = Array.from({ length: count }, (_, n) => note(change(n)))
  const verdicts = await storage.collection(NOTES).insertMany(drafts)
  assert.ok(verdicts.every(({ ok }) => ok))
}

/** How pages join, while documents come and go, and how far counting goes. */
export function pagingContract(open: OpenStorage): void {
  describe('paging', () => {
    for (const order of ['asc', 'desc'] as const) {
      it(`shows each document once, ${order}, with many of one value`, async (t) => {
        const { storage } = await open(t)
        await fill(storage, 100, (n) => ({
          id: `op_${String(n).padStart(3, '0')}`,
          rank: n % 3,
          tags: ['a'],
        }))
        const queries: Omit<ListQuery, 'limit'>[] = [
          { index: 'by_owner', equal: ['usr_1'] },
          { index: 'by_owner', equal: ['usr_1', 1] },
          { index: 'by_owner', equal: ['usr_1'], range: { from: 1 } },
          { index: 'by_owner', equal: ['usr_1'], range: { before: 2 } },
          { index: 'by_tag', equal: ['a'] },
          { index: 'by_text', range: { prefix: 'a ' } },
          { index: 'by_owner', equal: ['usr_1'], where: { state: 'new' } },
        ]
        for (const query of queries) {
          const { items: whole } = await storage.collection(NOTES).list({ ...query, order, limit: 1_000 })
          for (const limit of [1, 7, 50]) {
            assert.deepEqual(await allPages(storage, { ...query, order, limit }), whole)
          }
        }
      })

      it(`neither repeats nor misses a document while others are inserted and removed, ${order}`, async (t) => {
        const { storage } = await open(t)
        const notes = storage.collection(NOTES)
        await fill(storage, 60, (n) => ({ id: `op_${n + 100}`, rank: Math.floor(n / 2) }))
        const seen: string[] = []
        let after: ListQuery['after']
        for (let step = 0; ; step++) {
          const page = await notes.list({ index: 'by_owner', equal: ['usr_1'], order, after, limit: 10 })
          seen.push(...page.items.map(({ id }) => id))
          if (!page.next) break
          after = page.next
          for (const rank of [-1, step, 15.5, 99]) await notes.insert(note({ rank }))
          // The document at which the page ended may go: the cursor is a place and not a document.
          await notes.remove(page.items.at(-1)!.id, 1)
        }
        assert.equal(new Set(seen).size, seen.length)
        for (let n = 100; n < 160; n++) assert.ok(seen.includes(`op_${n}`), `op_${n} was missed`)
      })
    }

    it('loses no document where they are long and pages shorter than asked for', async (t) => {
      const { storage } = await open(t)
      await fill(storage, 12, (rank) => ({ rank, state: 'x'.repeat(400_000) }))
      for (const where of [undefined, { owner: 'usr_1' }]) {
        const found = await allPages(storage, {
          index: 'by_owner',
          equal: ['usr_1'],
          ...(where && { where }),
          limit: 10,
        })
        assert.deepEqual(
          found.map(({ rank }) => rank),
          Array.from({ length: 12 }, (_, rank) => rank),
        )
      }
    })

    it('ends a page that is exactly full without a next one', async (t) => {
      const { storage } = await open(t)
      await fill(storage, 4, (rank) => ({ rank }))
      const query = { index: 'by_owner', equal: ['usr_1'], limit: 2 }
      const first = await storage.collection(NOTES).list(query)
      const second = await storage.collection(NOTES).list({ ...query, after: first.next! })
      assert.equal(second.items.length, 2)
      assert.equal(second.next, null)
    })

    it('counts exactly up to 10,000 and then says that there are more', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const all = { index: 'by_owner', equal: ['usr_1'] }
      for (let part = 0; part < 5; part++) await fill(storage, COUNTED / 5, (rank) => ({ rank }))
      assert.deepEqual(await notes.count(all), { value: COUNTED, relation: 'eq' })
      assert.deepEqual(await notes.count({ ...all, where: { state: 'new' } }), {
        value: COUNTED,
        relation: 'eq',
      })
      await notes.insert(note({ state: 'rare', rank: 5_000 }))
      assert.deepEqual(await notes.count(all), { value: COUNTED, relation: 'gte' })
      assert.deepEqual(await notes.count({ ...all, where: { state: 'new' } }), {
        value: COUNTED,
        relation: 'eq',
      })
      assert.deepEqual(await notes.count({ ...all, where: { state: 'rare' } }), { value: 1, relation: 'eq' })
      assert.deepEqual(await notes.count({ ...all, range: { before: 10 } }), { value: 50, relation: 'eq' })
      const { items } = await notes.list({ ...all, where: { state: 'rare' }, limit: 5 })
      assert.equal(items.length, 1)
    })

    it('removes the oldest in bounded steps', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      await fill(storage, 10, (n) => ({ due: `2026-01-${n + 10}`, parts: [{ code: `C${n}` }] }))
      await notes.insert(note({ id: 'op_timeless' }))
      assert.equal(await notes.removeOlder('by_due', '2026-01-15', 3), 3)
      assert.equal(await notes.removeOlder('by_due', '2026-01-15', 3), 2)
      assert.equal(await notes.removeOlder('by_due', '2026-01-15', 3), 0)
      const { items } = await notes.list({ index: 'by_due', limit: 10 })
      assert.deepEqual(
        items.map(({ due }) => due),
        ['15', '16', '17', '18', '19'].map((day) => `2026-01-${day}`),
      )
      assert.ok(await notes.get('op_timeless'))
      await notes.insert(note({ parts: [{ code: 'C0' }] }))
    })
  })
}

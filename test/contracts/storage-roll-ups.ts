import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Fence } from '../../src/storage/roll-ups.ts'
import type { OpenStorage } from './storage-fixtures.ts'

const POSITION = { group: 'sums', topic: 'ecommerce-orders', partition: 3, offset: 10 }

/** Results of consumers and the fences that make repeats harmless. */
export function rollUpContract(open: OpenStorage): void {
  describe('roll-ups', () => {
    it('are written with their fence and the positions of their group', async (t) => {
      const opened = await open(t)
      const { rollUps } = opened.storage
      assert.deepEqual(await rollUps.read('sums', ['a']), [])
      assert.deepEqual(await rollUps.positions('sums'), [])
      const fence = { 'ecommerce-orders/3': 10, 'ecommerce-inventory/1': 4 }
      const written = await rollUps.write(
        'sums',
        [{ id: 'a', fence, body: { count: 1 }, expected: null }],
        [POSITION],
      )
      assert.equal(written, true)
      const again = await opened.reopen()
      assert.deepEqual(await again.rollUps.read('sums', ['b', 'a']), [{ id: 'a', fence, body: { count: 1 } }])
      assert.deepEqual(await again.rollUps.positions('sums'), [POSITION])
      assert.deepEqual(await again.rollUps.positions('others'), [])
      assert.deepEqual(await again.rollUps.read('others', ['a']), [])
    })

    it('are written by compare-and-set on the fence that was read, whatever the order of its entries', async (t) => {
      const { storage } = await open(t)
      const { rollUps } = storage
      await rollUps.write('sums', [{ id: 'a', fence: { x: 1, y: 2 }, body: 1, expected: null }], [])
      const wrong: (Fence | null)[] = [null, {}, { x: 1 }, { x: 1, y: 3 }, { x: 1, y: 2, z: 0 }]
      for (const expected of wrong) {
        assert.equal(
          await rollUps.write('sums', [{ id: 'a', fence: { x: 9 }, body: 2, expected }], []),
          false,
        )
      }
      const missing = [{ id: 'b', fence: { x: 1 }, body: 2, expected: { x: 0 } }]
      assert.equal(await rollUps.write('sums', missing, []), false)
      const right = [{ id: 'a', fence: { x: 2, y: 2 }, body: 3, expected: { y: 2, x: 1 } }]
      assert.equal(await rollUps.write('sums', right, []), true)
      assert.deepEqual(await rollUps.read('sums', ['a', 'b']), [{ id: 'a', fence: { x: 2, y: 2 }, body: 3 }])
    })

    it('leave the positions alone when a fence had moved', async (t) => {
      const { storage } = await open(t)
      const { rollUps } = storage
      await rollUps.write('sums', [{ id: 'a', fence: { x: 1 }, body: 1, expected: null }], [POSITION])
      const late = [{ id: 'a', fence: { x: 2 }, body: 2, expected: null }]
      assert.equal(await rollUps.write('sums', late, [{ ...POSITION, offset: 20 }]), false)
      assert.deepEqual(await rollUps.positions('sums'), [POSITION])
      assert.equal(await rollUps.write('sums', [], [{ ...POSITION, offset: 20 }]), true)
      assert.deepEqual(await rollUps.positions('sums'), [{ ...POSITION, offset: 20 }])
    })

    it('keep the highest position that was written, since a node that was overtaken writes late', async (t) => {
      const { storage } = await open(t)
      const { rollUps } = storage
      await rollUps.write('sums', [], [{ ...POSITION, offset: 20 }])
      assert.equal(await rollUps.write('sums', [], [POSITION]), true)
      assert.deepEqual(await rollUps.positions('sums'), [{ ...POSITION, offset: 20 }])
    })

    it('count once when two consumers have the same batch', async (t) => {
      const { storage } = await open(t)
      const write = (body: number) =>
        storage.rollUps.write('sums', [{ id: 'a', fence: { x: 1 }, body, expected: null }], [])
      const written = await Promise.all(Array.from({ length: 20 }, (_, n) => write(n)))
      assert.equal(written.filter((ok) => ok).length, 1)
    })

    it('are paged by id within a range', async (t) => {
      const { storage } = await open(t)
      const { rollUps } = storage
      const ids = ['2026-01', '2026-02', '2026-03', '2027-01']
      const documents = ids.map((id) => ({ id, fence: {}, body: id, expected: null }))
      await rollUps.write('sums', documents, [])
      await rollUps.write('other', [{ id: '2026-02', fence: {}, body: 0, expected: null }], [])
      const range = async (query: { from?: string; before?: string }) =>
        (await rollUps.range('sums', { ...query, limit: 10 })).map(({ id }) => id)
      assert.deepEqual(await range({}), ids)
      assert.deepEqual(await range({ from: '2026-02', before: '2027' }), ['2026-02', '2026-03'])
      assert.deepEqual(await range({ before: '2026-02' }), ['2026-01'])
      assert.deepEqual(
        (await rollUps.range('sums', { limit: 2 })).map(({ id }) => id),
        ids.slice(0, 2),
      )
    })

    it('are dropped with their positions, and no other with them', async (t) => {
      const { storage } = await open(t)
      const { rollUps } = storage
      for (let part = 0; part < 3; part++) {
        const documents = Array.from({ length: 1_000 }, (_, n) => ({
          id: `${part}-${n}`,
          fence: { x: 1 },
          body: n,
          expected: null,
        }))
        await rollUps.write('sums', documents, [POSITION])
      }
      await rollUps.write(
        'other',
        [{ id: 'a', fence: {}, body: 1, expected: null }],
        [{ ...POSITION, group: 'other' }],
      )
      await rollUps.drop('sums')
      assert.deepEqual(await rollUps.range('sums', { limit: 10 }), [])
      assert.deepEqual(await rollUps.positions('sums'), [])
      assert.equal((await rollUps.read('other', ['a'])).length, 1)
      assert.equal((await rollUps.positions('other')).length, 1)
    })
  })
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createListingWorld, LISTED, rowOf } from '../../../test/contracts/listing-fixtures.ts'
import { whyNot } from '../../../test/servers/possible.ts'
import { openTestMongo } from '../../../test/support/mongo.ts'
import { openTestEngine } from '../../../test/support/mongo-engine.ts'
import { newId } from '../../kernel/ids.ts'
import { PRODUCT_STATS, type ProductStats } from '../listing.ts'
import type { RollUps } from '../roll-ups.ts'
import type { StoredFigures } from './figures.ts'
import { createRollUps } from './roll-ups.ts'

const NOW = '2026-01-01T00:00:00.000Z'
const PLACE = 'ecommerce-inventory/0'

describe('roll-ups on a MongoDB server', { skip: whyNot('mongodb') ?? false }, () => {
  it('give a body back as it was written, whatever its keys', async (t) => {
    const { storage } = await openTestMongo(t, [])
    const body = { 'a.b': { $set: 1, '': null, __proto__x: [1.5, '\u0000'] }, $where: 'x', 'ü.💡': true }
    const fence = { 'a.b/1': 1, $x: 2 }
    await storage.rollUps.write('odd', [{ id: 'x/y.$z', fence, body, expected: null }], [])
    assert.deepEqual(await storage.rollUps.read('odd', ['x/y.$z']), [{ id: 'x/y.$z', fence, body }])
  })

  it('never lower a position that another node has raised', async (t) => {
    const { storage, node } = await openTestMongo(t, [])
    const nodes = [storage, await node()]
    const at = (offset: number) => [{ group: 'g', topic: 'ecommerce-orders', partition: 1, offset }]
    const offsets = Array.from({ length: 20 }, (_, n) => n + 1)
    await Promise.all(offsets.map((offset) => nodes[offset % 2]!.rollUps.write('g', [], at(offset))))
    await storage.rollUps.write('g', [], at(7))
    assert.deepEqual(await storage.rollUps.positions('g'), at(20))
  })

  it('write all other documents when the fence of one had moved', async (t) => {
    const { storage } = await openTestMongo(t, [])
    const write = (id: string, n: number) => ({ id, fence: { x: n }, body: n, expected: null })
    await storage.rollUps.write('sums', [write('b', 1)], [])
    assert.equal(
      await storage.rollUps.write(
        'sums',
        ['a', 'b', 'c'].map((id) => write(id, 2)),
        [],
      ),
      false,
    )
    const bodies = (await storage.rollUps.read('sums', ['a', 'b', 'c'])).map(({ body }) => body)
    assert.deepEqual(bodies, [2, 1, 2], 'their fences tell what they have counted')
  })

  it('bring their figures to the product while several nodes count and it is made, hidden and shown', async (t) => {
    const { storage, url, node } = await openTestMongo(t, [LISTED])
    const { listed } = createListingWorld(storage)
    const engine = await openTestEngine(t, url)
    const nodes = [storage.rollUps, (await node()).rollUps, createRollUps(engine)]
    for (let round = 0; round < 5; round++) {
      const id = newId('prd')
      const counting = nodes.flatMap((rollUps) => [1, 2, 3, 4].map(() => sell(rollUps, id)))
      const made = await listed.insert({ id, row: rowOf(), created_at: NOW, updated_at: NOW })
      const hidden = await listed.replace({ ...made, row: null })
      await Promise.all(counting)
      await listed.replace({ ...hidden, row: rowOf() })
      const [stats] = await storage.rollUps.read(PRODUCT_STATS, [id])
      assert.equal((stats!.body as ProductStats).sold, 12)
      const stored = await engine.db
        .collection<{ _id: string; _figures: StoredFigures }>('listed')
        .findOne({ _id: id })
      assert.deepEqual([stored!._figures.sold, stored!._figures.fence], [12, JSON.stringify(stats!.fence)])
    }
  })

  it('bring figures again that a crash left behind, with the next change', async (t) => {
    const { storage, url } = await openTestMongo(t, [LISTED])
    const world = createListingWorld(storage)
    const id = await world.add()
    await sell(storage.rollUps, id)
    const { db } = await openTestEngine(t, url)
    await db
      .collection<{ _id: string }>('listed')
      .updateOne({ _id: id }, { $set: { '_figures.sold': 0, '_figures.fence': 'lost' } })
    await sell(storage.rollUps, id)
    const other = await world.add({}, { sold: 1 })
    assert.deepEqual(await world.ids({ sort: '-sold' }), [id, other])
  })
})

/** Counts one sale, as a consumer does: again when another was faster. */
async function sell(rollUps: RollUps, id: string): Promise<void> {
  for (;;) {
    const [before] = await rollUps.read(PRODUCT_STATS, [id])
    const stats = before?.body as ProductStats | undefined
    const body: ProductStats = {
      ...{ available: {}, available_total: 0, sold_of: {}, rating_sum: 0, rating_count: 0 },
      sold: (stats?.sold ?? 0) + 1,
    }
    const fence = { [PLACE]: (before?.fence[PLACE] ?? 0) + 1 }
    if (await rollUps.write(PRODUCT_STATS, [{ id, expected: before?.fence ?? null, fence, body }], [])) return
  }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '../../kernel/ids.ts'
import { emptyLevel, type StockLevel } from '../../storage/stock.ts'
import { createLevelCache } from './level-cache.ts'
import { stockKey } from './rules.ts'

const key = { product_id: newId('prd'), sku: 'CUP' }
const levelOf = (available: number, version: number): StockLevel => ({
  ...emptyLevel(key),
  available,
  version,
})
const done = (level: StockLevel) => ({ result: 'done', level }) as const

test('what nobody has asked for is not kept; what was asked for follows its changes without a reading', async () => {
  let readings = 0
  const cache = createLevelCache({
    stock: {
      async getMany() {
        readings += 1
        return [levelOf(5, 1)]
      },
    },
  })
  cache.learn([done(levelOf(9, 1))])
  assert.equal((await cache.levels([key])).get(stockKey(key))?.available, 5)
  cache.learn([done(levelOf(4, 2))])
  assert.equal((await cache.levels([key])).get(stockKey(key))?.available, 4)
  assert.equal(readings, 1)
})

test('a change that overtakes a reading counts', async () => {
  const reading = Promise.withResolvers<StockLevel[]>()
  const cache = createLevelCache({ stock: { getMany: () => reading.promise } })
  const before = cache.levels([key])
  cache.learn([done(levelOf(4, 2))])
  reading.resolve([levelOf(5, 1)])
  await before
  assert.equal((await cache.levels([key])).get(stockKey(key))?.available, 4)
})

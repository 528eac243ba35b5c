import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../../test/support/until.ts'
import { createFreshCache } from './fresh-cache.ts'

test('a value is read once until it is forgotten', async () => {
  let reads = 0
  const cache = createFreshCache({ max_entries: 10, load: async () => ({ read: ++reads }) })
  const both = await Promise.all([cache.get('a'), cache.get('a')])
  assert.deepEqual([both, cache.peek('a'), reads], [[{ read: 1 }, { read: 1 }], { read: 1 }, 1])
  cache.forget('a')
  assert.deepEqual(await cache.get('a'), { read: 2 })
})

test('a reading that was under way at the write is neither kept nor shared with who comes after', async () => {
  const readings: ((value: { state: string }) => void)[] = []
  const cache = createFreshCache<{ state: string }>({
    max_entries: 10,
    load: () => new Promise((resolve) => readings.push(resolve)),
  })
  const early = cache.get('a')
  cache.forget('a')
  const late = cache.get('a')
  assert.equal(readings.length, 2)
  readings[1]!({ state: 'new' })
  assert.deepEqual(await late, { state: 'new' })
  readings[0]!({ state: 'old' })
  assert.deepEqual([await early, cache.peek('a')], [{ state: 'old' }, { state: 'new' }])
})

test('a reading that failed, or found nothing, is tried again', async () => {
  let reads = 0
  const cache = createFreshCache({
    max_entries: 10,
    load: async () => {
      reads += 1
      if (reads === 1) throw new Error('away')
      return reads === 2 ? undefined : { read: reads }
    },
  })
  await assert.rejects(cache.get('a'), /away/)
  assert.equal(await cache.get('a'), undefined)
  assert.deepEqual(await cache.get('a'), { read: 3 })
})

test('a value that others write is read again when it has reached its age, counted from when its reading began', async () => {
  let reads = 0
  const max_age_ms = 40
  const cache = createFreshCache({
    max_entries: 10,
    max_age_ms,
    async load() {
      reads += 1
      if (reads === 1) await sleep(2 * max_age_ms)
      return { read: reads }
    },
  })
  assert.deepEqual(await cache.get('slow'), { read: 1 })
  assert.deepEqual(await cache.get('slow'), { read: 2 }, 'its reading took as long as it may be kept')
  await until(async () => (await cache.get('slow'))?.read === 3)
})

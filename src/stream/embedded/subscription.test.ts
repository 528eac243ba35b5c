import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogBatch } from '../stream.ts'
import { subscription } from './subscription.ts'

const EVENTS = 1_000
const TEXT = 'x'.repeat(4_096)
const MAX_CHARACTERS = 6 * 1024 * 1024

test('a batch of large events is handed over before it fills the memory, and the next one does not wait', async () => {
  const sizes: number[] = []
  const { promise: all, resolve: done } = Promise.withResolvers<void>()
  const handled = new Set<string>()
  const running = subscription(
    {
      next: () => EVENTS,
      read: (_place, offset, limit) =>
        Array.from({ length: Math.min(limit, EVENTS - offset) }, (_, at) => ({
          offset: offset + at,
          json: TEXT,
        })),
    },
    {
      group: 'test',
      topics: ['ecommerce-inventory'],
      linger_ms: 60_000,
      position: async () => 0,
      async handle(batches: LogBatch[]) {
        const records = batches.flatMap((batch) =>
          batch.records.map(({ offset }) => [batch, offset] as const),
        )
        sizes.push(records.length * TEXT.length)
        for (const [{ topic, partition }, offset] of records) handled.add(`${topic}/${partition}/${offset}`)
        if (handled.size === 12 * EVENTS) done()
      },
      onError: assert.ifError,
    },
  )
  await all
  await running.stop()
  assert.ok(Math.max(...sizes) <= MAX_CHARACTERS, `${Math.max(...sizes)} characters in a batch`)
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openTestLog } from '../../../test/support/log.ts'
import type { CloudEvent, Topic } from '../../kernel/event.ts'
import { newId } from '../../kernel/ids.ts'
import { refusalLetter } from '../../stream/dead-letters.ts'
import { createRetrying } from './retrying.ts'
import { DEAD_LETTERS_TOPIC, type DeadLetter } from './schema.ts'

/** A letter about an event that Kafka refuses, and who hears of its retry. */
async function openRefused(t: TestContext, topic: Topic, { actor = 'visitor', gone = false } = {}) {
  const { log } = await openTestLog(t)
  const json = JSON.stringify({ subject: 'orders/ord_1', partitionkey: 'ord_1', actor })
  const event = refusalLetter({ topic, json, reason: 'too large' }, Date.now())
  await log.appendDeadLetters([event])
  const { partition } = (await log.ends([DEAD_LETTERS_TOPIC])).find(({ next }) => next > 0)!
  const heard: string[] = []
  const retrying = createRetrying({
    log,
    clickstream: {
      again: async () => null,
      async resend(given) {
        heard.push(given)
        return null
      },
    },
    mending: {
      async readOn({ group, topic, subject }) {
        heard.push(`${group} ${topic} ${subject}`)
        return true
      },
      async release() {
        heard.push('release')
        return 1
      },
    },
    gone: { accounts: async (ids) => new Set(gone ? ids : []) },
  })
  return { retrying, heard, json, letter: letterOf(event, topic, partition) }
}

function letterOf({ id, subject, time }: CloudEvent, topic: Topic, partition: number): DeadLetter {
  const stamps = { version: 1, created_at: time, updated_at: time }
  return { id, type: 'log_refused', topic, subject, reason: 'too large', partition, offset: 0, ...stamps }
}

test('a domain event that Kafka refuses is offered again with all that waits behind it', async (t) => {
  const { retrying, heard, letter } = await openRefused(t, 'ecommerce-orders')
  assert.deepEqual(await retrying.retry(letter), { result: 'later' })
  assert.deepEqual(heard, ['release'])
})

test('a subject that a consumer has parked is read on by that consumer alone', async (t) => {
  const { retrying, heard, letter } = await openRefused(t, 'ecommerce-orders')
  const rejected = { ...letter, type: 'consumer_rejected', group: 'stats' } as const
  assert.deepEqual(await retrying.retry(rejected), { result: 'later' })
  assert.deepEqual(heard, ['stats ecommerce-orders orders/ord_1'])
})

test("a visitor's event that Kafka refuses is handed over as it was", async (t) => {
  const { retrying, heard, letter, json } = await openRefused(t, 'ecommerce-clickstream')
  assert.deepEqual(await retrying.retry(letter), { result: 'taken' })
  assert.deepEqual(heard, [json])
})

test('what an erased person did is shown to nobody and handed over no more', async (t) => {
  for (const gone of [false, true]) {
    const actor = newId('usr')
    const { retrying, heard, letter, json } = await openRefused(t, 'ecommerce-clickstream', { actor, gone })
    assert.equal(await retrying.original(letter), gone ? null : json)
    assert.equal((await retrying.retry(letter)).result, gone ? 'refused' : 'taken')
    assert.deepEqual(heard, gone ? [] : [json])
  }
})

test('a letter that the log no longer has says so', async (t) => {
  const { retrying, heard, letter } = await openRefused(t, 'ecommerce-clickstream')
  const gone = { ...letter, offset: 7 }
  assert.equal((await retrying.retry(gone)).result, 'refused')
  assert.equal(await retrying.original(gone), null)
  assert.deepEqual(heard, [])
})

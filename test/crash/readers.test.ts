import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { MongoClient } from 'mongodb'
import { makeTopics } from '../../src/stream/kafka/make-topics.ts'
import { whyNot } from '../servers/possible.ts'
import { kafkaBrokers, newPrefix } from '../support/kafka.ts'
import { testDatabase } from '../support/mongo.ts'
import { temporaryDirectory } from '../support/storage.ts'
import { copyViolations } from './check/copies.ts'
import { kafkaReader } from './check/kafka-reader.ts'
import { mongoReader } from './check/mongo-reader.ts'

const noKafka = whyNot('kafka') ?? false
const noMongo = whyNot('mongodb') ?? false

test('the reader of Kafka takes every byte of keys, headers and values as it is', {
  skip: noKafka,
}, async (t) => {
  const [bootstrap] = (await kafkaBrokers()) as [string]
  const prefix = newPrefix()
  await makeTopics({ brokers: [bootstrap], topic_prefix: prefix })
  const file = join(temporaryDirectory(t), 'value')
  const send = (value: Buffer | string, { key = 'ord_é', sequence = 1, partition = 3 } = {}) => {
    // A file is one record, whatever lines it has.
    writeFileSync(file, value)
    execFileSync('kcat', [
      ...['-P', '-b', bootstrap, '-t', `${prefix}ecommerce-orders`, '-p', String(partition), '-k', key],
      ...['-H', 'ce_id=evt_1', '-H', 'ce_subject=orders/ö,"1"=x', '-H', `ce_sequence=${sequence}`, file],
    ])
  }
  send('{"name":"Ärger, 🎉\\n"}')
  send('two\nlines and \u0000', { sequence: 2 })
  send(Buffer.from([0xff, 0xfe, 0x80]), { sequence: 3 })
  send(Buffer.from([0xff, 0xfd, 0x80]), { sequence: 3 })
  send('{}', { key: 'b', partition: 1 })

  const records = await kafkaReader({ bootstrap, prefix }).read()
  assert.deepEqual(
    records.map(({ topic, partition, offset, key, sequence }) => [topic, partition, offset, key, sequence]),
    [
      ['ecommerce-orders', 1, 0, 'b', 1],
      ['ecommerce-orders', 3, 0, 'ord_é', 1],
      ['ecommerce-orders', 3, 1, 'ord_é', 2],
      ['ecommerce-orders', 3, 2, 'ord_é', 3],
      ['ecommerce-orders', 3, 3, 'ord_é', 3],
    ],
  )
  const [, first, second] = records
  assert.equal(first!.subject, 'orders/ö,"1"=x')
  assert.deepEqual(first!.data, { name: 'Ärger, 🎉\n' })
  assert.equal(second!.data, undefined)
  const said = new Map([['ecommerce-orders/orders/ö,"1"=x/3', 1]])
  const found = copyViolations(records.slice(1), { events: said, door: 0 })
  assert.deepEqual(
    found.map((violation) => violation.slice(0, 3)),
    ['I17'],
  )
})

test('the reader of MongoDB sees documents, what waits in them, and what is under way', {
  skip: noMongo,
}, async (t) => {
  const url = await testDatabase(t)
  const client = new MongoClient(url)
  t.after(() => client.close())
  const db = client.db()
  const reader = mongoReader(url)
  t.after(() => reader.close())
  const event = (subject: string, sequence: number) => ({
    topic: 'ecommerce-orders',
    at: 1,
    event: { subject, sequence },
  })
  await db.collection<{ _id: string }>('orders').insertMany([
    { _id: 'ord_1', step: 'COMMITTED', version: 3, sequences: { 'ecommerce-orders': 2 } },
    { _id: 'ord_2', step: 'RESERVED', version: 1, _outbox: [event('orders/ord_2', 1)], _pending: 4 },
  ] as never)
  await db.collection<{ _id: string }>('stock').insertMany([
    { _id: 'prd_1/A/B', received: 9, sequence: 4, res: [{ o: 'ord_2', q: 3, at: 1, e: 'evt_1' }], done: [] },
    { _id: 'prd_1/C', sequence: 0, res: [], done: [{ o: 'ord_9', at: 1 }] },
  ] as never)
  await db.collection('outbox').insertMany([
    { topic: 'ecommerce-orders', subject: 'orders/ord_1', sequence: 2, range: 3 },
    { topic: 'ecommerce-operations', subject: '', sequence: 0, range: -1 },
  ])
  await db.collection('carts').insertOne({ merging_into: 'usr_1' })

  const facts = await reader.read()
  assert.deepEqual(facts.orders[0], {
    id: 'ord_1',
    step: 'COMMITTED',
    version: 3,
    sequences: { 'ecommerce-orders': 2 },
  })
  assert.deepEqual(
    facts.stock.map(({ product_id, sku, received }) => [product_id, sku, received]),
    [['prd_1', 'A/B', 9]],
  )
  assert.deepEqual(facts.reservations, [{ product_id: 'prd_1', sku: 'A/B', order_id: 'ord_2', quantity: 3 }])
  assert.deepEqual(facts.outbox.sort(), [
    'ecommerce-orders/orders/ord_1/2',
    'ecommerce-orders/orders/ord_2/1',
  ])
  assert.deepEqual(await reader.unrest(), [
    '1 orders under way',
    '1 carts half merged',
    '1 events in the outbox',
    '1 documents of orders with events',
  ])
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MongoClient } from 'mongodb'
import { systemClock } from '../../src/kernel/clock.ts'
import { StartRefused } from '../../src/kernel/start-refused.ts'
import { connect } from '../../src/storage/mongo/connection.ts'
import { openMongoStorage, prepareMongo } from '../../src/storage/mongo/mongo-storage.ts'
import { NOTES, note } from '../contracts/storage-fixtures.ts'
import { startMongoProxy } from '../servers/mongo-proxy.ts'
import { whyNot } from '../servers/possible.ts'
import { SILENT } from '../support/log.ts'
import { databaseUrl, openTestMongo, testDatabase, withDatabase } from '../support/mongo.ts'
import { ownServer } from './faults.ts'

const skip = whyNot('mongodb') ?? false

const PASSWORD = 'a-secret-of-ours'

const open = (url: string, node_id = 'run_1') =>
  openMongoStorage({ url, collections: [NOTES], clock: systemClock, node_id, logger: SILENT })

async function refusal(url: string): Promise<string> {
  const error = await open(url).then(
    () => assert.fail('it was opened'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof StartRefused, String((error as Error).stack))
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    assert.ok(!`${cause.message} ${cause.stack}`.includes(PASSWORD), 'the password is told')
  return error.message
}

describe('a start on MongoDB is refused with a sentence', { skip }, () => {
  it('when nothing answers at the address, and the sentence names host and port', async () => {
    const url = `mongodb://shop:${PASSWORD}@127.0.0.1:1/tradewind?serverSelectionTimeoutMS=500`
    assert.match(await refusal(url), /MongoDB at 127\.0\.0\.1:1 does not answer .*ECONNREFUSED.*MONGODB_URL/)
  })

  it('when the address is none', async () => {
    assert.match(await refusal(`mongodb://shop:${PASSWORD}@/tradewind`), /MONGODB_URL is not an address/)
    assert.match(await refusal(`mongodb://shop:${PASSWORD}@host:port/x`), /MONGODB_URL is not an address/)
  })

  it('when the password is wrong', async (t) => {
    const server = await ownServer(t)
    const client = new MongoClient(server.url)
    await client.db('admin').command({ createUser: 'shop', pwd: 'the right one', roles: ['root'] })
    await client.close()
    await server.kill('SIGTERM')
    await server.start({ auth: true })
    const url = new URL(databaseUrl(server.url, { authSource: 'admin' }))
    url.username = 'shop'
    url.password = PASSWORD
    const message = await refusal(url.href)
    assert.match(message, new RegExp(`127\\.0\\.0\\.1:${server.port} refuses the name or password`))
    url.password = 'the right one'
    await (await open(url.href)).close()
  })

  it('when the server is no replica set', async (t) => {
    const server = await ownServer(t, { standalone: true })
    assert.match(await refusal(databaseUrl(server.url)), /lone server without a replica set/)
  })

  it('when the database was written by a newer version', async (t) => {
    const opened = await openTestMongo(t, [NOTES])
    await opened.storage.close()
    await withDatabase(opened.url, (db) =>
      db.collection<{ _id: string }>('storage_facts').updateOne({ _id: 'schema' }, { $set: { version: 99 } }),
    )
    assert.match(await refusal(opened.url), /schema version 99 and this program knows 1/)
  })

  it("when the database holds somebody else's documents", async (t) => {
    const url = await testDatabase(t)
    await withDatabase(url, (db) => db.collection('letters').insertOne({ to: 'you' }))
    assert.match(await refusal(url), /holds something else \(letters\)/)
  })

  it('when a unique index is missing or another one, until bootstrap makes it', async (t) => {
    const opened = await openTestMongo(t, [NOTES])
    await opened.storage.collection(NOTES).insert(note({ idem: { key: 'k' } }))
    await opened.storage.close()
    await withDatabase(opened.url, (db) => db.collection('notes').dropIndex('by_key'))
    const sentence = /collection notes .* lacks the unique index by_key.* Run \.\/scripts\/bootstrap\.sh/
    assert.match(await refusal(opened.url), sentence)

    await withDatabase(opened.url, (db) =>
      db.collection('notes').createIndex({ owner: 1 }, { name: 'by_key' }),
    )
    assert.match(await refusal(opened.url), /has another definition of the unique index by_key/)

    const { made, there } = await prepareMongo({ url: opened.url, collections: [NOTES] })
    assert.deepEqual(made, ['notes.by_key'])
    assert.ok(there.includes('notes.by_code'))
    const again = await opened.reopen()
    await assert.rejects(again.collection(NOTES).insert(note({ idem: { key: 'k' } })), { code: 'duplicate' })
    assert.deepEqual((await prepareMongo({ url: opened.url, collections: [NOTES] })).made, [])
  })
})

describe('a start on MongoDB', { skip }, () => {
  it('keeps its word about writes and reads whatever the URL says', async (t) => {
    const url = await testDatabase(t)
    for (const option of ['journal=false', 'w=1', 'readConcernLevel=local', 'readPreference=secondary']) {
      const { db, close } = await connect({ url: `${url}${url.includes('?') ? '&' : '?'}${option}` })
      const { writeConcern, readConcern, readPreference } = db.collection('any')
      await close()
      assert.deepEqual(
        [writeConcern?.w, writeConcern?.journal, readConcern?.level, readPreference?.mode],
        ['majority', true, 'majority', 'primary'],
        option,
      )
    }
  })

  it('reaches a server so far away that a connection takes longer than callers usually wait', async (t) => {
    const proxy = await startMongoProxy(await testDatabase(t))
    t.after(() => proxy.close())
    const url = new URL(proxy.url)
    url.searchParams.delete('waitQueueTimeoutMS')
    proxy.delay(600)
    const { db, close } = await connect({ url: url.href })
    // Each on a connection of its own, which is still to be made.
    const answers = await Promise.all(Array.from({ length: 5 }, () => db.command({ ping: 1 })))
    await close()
    assert.deepEqual(
      answers.map(({ ok }) => ok),
      [1, 1, 1, 1, 1],
    )
    url.searchParams.set('waitQueueTimeoutMS', '500')
    await assert.rejects(connect({ url: url.href }), { name: 'StartRefused' })
  })

  it('makes an empty database ready, also when several nodes start on it at once', async (t) => {
    const url = await testDatabase(t)
    const nodes = await Promise.all([open(url, 'run_1'), open(url, 'run_2'), open(url, 'run_3')])
    const { id } = await nodes[0]!.collection(NOTES).insert(note())
    assert.ok(await nodes[2]!.collection(NOTES).get(id))
    await Promise.all(nodes.map((storage) => storage.close()))
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isRefusal } from '../../src/kernel/errors.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { NOTES, note, outboxOf, told } from '../contracts/storage-fixtures.ts'
import { startMongoProxy } from '../servers/mongo-proxy.ts'
import { whyNot } from '../servers/possible.ts'
import { until } from '../support/until.ts'
import { failCommands, nodesOfOwnServer, unavailable } from './faults.ts'

const skip = whyNot('mongodb') ?? false

const NOT_WRITABLE_PRIMARY = 10_107
const NETWORK_TIMEOUT = 89
const WRITE_CONCERN_TIMEOUT = 64
const MAX_TIME_EXPIRED = 50
const WRITES = { failCommands: ['insert', 'update'], appName: 'tradewind' }

const ONCE = {
  'the connection is closed before the write': { closeConnection: true },
  'the server is no primary any more': { errorCode: NOT_WRITABLE_PRIMARY },
  'the write is done, but the replicas could not be reached': {
    writeConcernError: { code: NETWORK_TIMEOUT, errmsg: 'no answer' },
    errorLabels: ['RetryableWriteError'],
  },
}

const LASTING = {
  'connections are closed again and again': { closeConnection: true },
  'there is no primary for a while': { errorCode: NOT_WRITABLE_PRIMARY },
  'the server takes too long': { errorCode: MAX_TIME_EXPIRED },
  'writes are done, but the replicas do not confirm them in time': {
    writeConcernError: { code: WRITE_CONCERN_TIMEOUT, errmsg: 'waiting for replication timed out' },
  },
}

/** The steps that the outbox tells of a note, each of them once and numbered without a gap. */
async function stepsOf(storage: Storage, count: number): Promise<string[]> {
  const entries = await outboxOf(storage, count)
  assert.deepEqual(
    entries.map(({ event }) => event.sequence),
    entries.map((_, place) => place + 1),
  )
  assert.equal(new Set(entries.map(({ event }) => event.id)).size, entries.length)
  return entries.map(({ event }) => (event.data as { step: string }).step)
}

/** Says that the note is there with one event, whether a first attempt made it or this one. */
async function insertAgain(storage: Storage, draft: ReturnType<typeof note>): Promise<'new' | 'there'> {
  try {
    await storage.collection(NOTES).insert(draft, [told(draft.id, 'inserted')])
    return 'new'
  } catch (error) {
    if (isRefusal(error, 'duplicate') && error.details.extra!.index === 'id') return 'there'
    throw error
  }
}

describe('a write whose answer does not come', { skip }, () => {
  for (const [name, failure] of Object.entries(ONCE)) {
    it(`is made good by the driver when ${name}`, async (t) => {
      const { server, open } = await nodesOfOwnServer(t)
      const storage = await open()
      const draft = note()
      await failCommands(server.url, { times: 1 }, { ...WRITES, ...failure })
      const first = await storage.collection(NOTES).insert(draft, [told(draft.id, 'inserted')])
      await failCommands(server.url, { times: 1 }, { ...WRITES, ...failure })
      const second = await storage.collection(NOTES).replace(first, [told(draft.id, 'replaced')])
      assert.deepEqual(await storage.collection(NOTES).get(draft.id), second)
      assert.deepEqual(await stepsOf(storage, 2), ['inserted', 'replaced'])
    })
  }

  for (const [name, failure] of Object.entries(LASTING)) {
    it(`is refused for now, and has at most one effect, when ${name}`, async (t) => {
      const { server, open } = await nodesOfOwnServer(t)
      const storage = await open()
      const notes = storage.collection(NOTES)
      const draft = note()
      const done = 'writeConcernError' in failure
      await failCommands(server.url, 'alwaysOn', { ...WRITES, ...failure })
      await assert.rejects(notes.insert(draft, [told(draft.id, 'inserted')]), unavailable)
      await assert.rejects(notes.insertMany([note()]), unavailable)
      await failCommands(server.url, 'off')
      assert.equal(await insertAgain(storage, draft), done ? 'there' : 'new')

      const first = (await notes.get(draft.id))!
      await failCommands(server.url, 'alwaysOn', { ...WRITES, ...failure })
      await assert.rejects(notes.replace(first, [told(draft.id, 'replaced')]), unavailable)
      await assert.rejects(storage.check(), unavailable)
      await failCommands(server.url, 'off')
      const again = notes.replace(first, [told(draft.id, 'replaced')])
      if (done) await assert.rejects(again, (error) => isRefusal(error, 'version_moved'))
      else await again
      assert.equal((await notes.get(draft.id))!.version, 2)
      assert.deepEqual(await stepsOf(storage, 2), ['inserted', 'replaced'])
      await storage.check()
    })
  }

  it('is made once when the answer is lost after the write', async (t) => {
    const { server, open } = await nodesOfOwnServer(t)
    const proxy = await startMongoProxy(server.url)
    t.after(() => proxy.close())
    const storage = await open({ through: proxy.url })
    const notes = storage.collection(NOTES)
    const draft = note()
    proxy.loseAnswers(draft.id, 1)
    const first = await notes.insert(draft, [told(draft.id, 'inserted')])
    proxy.loseAnswers(draft.id, 1)
    await notes.replace(first, [told(draft.id, 'replaced')])
    await until(async () => (await storage.outbox.read(0, 10)).length === 2)
    assert.ok(proxy.lost() >= 2)
    assert.deepEqual(await stepsOf(storage, 2), ['inserted', 'replaced'])

    const other = note()
    proxy.loseAnswers(other.id, 1_000)
    await assert.rejects(notes.insert(other, [told(other.id, 'inserted')]), unavailable)
    proxy.loseAnswers(other.id, 0)
    assert.equal(await insertAgain(storage, other), 'there')
    assert.equal((await outboxOf(storage, 3)).length, 3)
  })

  it('is made once when it is done long after the caller was told that it failed', async (t) => {
    const { server, open } = await nodesOfOwnServer(t)
    const storage = await open({ url: { socketTimeoutMS: '600' } })
    const draft = note()
    await failCommands(
      server.url,
      { times: 2 },
      { failCommands: ['insert'], appName: 'tradewind', blockConnection: true, blockTimeMS: 2_000 },
    )
    const insert = storage.collection(NOTES).insert(draft, [told(draft.id, 'inserted')])
    await assert.rejects(insert, unavailable)
    await until(async () => (await storage.collection(NOTES).get(draft.id)) !== undefined)
    assert.equal(await insertAgain(storage, draft), 'there')
    assert.deepEqual(await stepsOf(storage, 1), ['inserted'])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { isRefusal } from '../../src/kernel/errors.ts'
import type { OutboxEntry } from '../../src/storage/outbox.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { NOTES, note, told } from '../contracts/storage-fixtures.ts'
import { whyNot } from '../servers/possible.ts'
import { until } from '../support/until.ts'
import { failCommands, nodesOfOwnServer, unavailable } from './faults.ts'

const skip = whyNot('mongodb') ?? false

const WRITERS = 16
const KILLS = 3
const RELAY_PAUSE_MS = 20
const WRITES_BETWEEN_KILLS = 40

describe('a database that does not answer', { skip }, () => {
  it('is told of at once when all connections are taken', async (t) => {
    const { server, open } = await nodesOfOwnServer(t)
    const storage = await open({ url: { maxPoolSize: '2', waitQueueTimeoutMS: '300' } })
    await failCommands(server.url, 'alwaysOn', {
      failCommands: ['find'],
      appName: 'tradewind',
      blockConnection: true,
      blockTimeMS: 1_500,
    })
    const notes = storage.collection(NOTES)
    const holding = [notes.get('op_1'), notes.get('op_2')].map((read) => read.catch(() => {}))
    const begun = performance.now()
    await assert.rejects(notes.insert(note()), unavailable)
    assert.ok(performance.now() - begun < 1_400, 'the caller waited for the others')
    await failCommands(server.url, 'off')
    await Promise.all(holding)
    await until(() =>
      notes.insert(note()).then(
        () => true,
        () => false,
      ),
    )
  })

  it('is told of within the time-outs when it is frozen, and works again when it wakes', async (t) => {
    const { server, open } = await nodesOfOwnServer(t)
    const storage = await open({
      url: { socketTimeoutMS: '700', connectTimeoutMS: '700', serverSelectionTimeoutMS: '500' },
    })
    const notes = storage.collection(NOTES)
    const before = note()
    await notes.insert(before, [told(before.id, 'inserted')])
    await server.freeze()
    const begun = performance.now()
    const during = note()
    await assert.rejects(notes.insert(during, [told(during.id, 'inserted')]), unavailable)
    await assert.rejects(notes.get(before.id), unavailable)
    await assert.rejects(storage.check(), unavailable)
    assert.ok(performance.now() - begun < 8_000)
    server.thaw()
    await until(() =>
      storage.check().then(
        () => true,
        () => false,
      ),
    )
    const after = note()
    await until(() =>
      notes.insert(after, [told(after.id, 'inserted')]).then(
        () => true,
        (error) => isRefusal(error, 'duplicate'),
      ),
    )
    const sent: OutboxEntry[] = []
    const toldOf = (id: string) => sent.some(({ event }) => event.subject === `notes/${id}`)
    // What was asked for meanwhile may have been done after all: then it is told too.
    await until(async () => {
      sent.push(...(await handOver(storage)))
      const done = (await notes.get(during.id)) !== undefined
      return toldOf(before.id) && toldOf(after.id) && toldOf(during.id) === done
    })
  })

  it('has lost nothing that it confirmed when it was killed under load', async (t) => {
    const { server, open } = await nodesOfOwnServer(t, { durable: true })
    const storage = await open()
    const sent: OutboxEntry[] = []
    const acknowledged = new Map<string, number>()
    let writes = 0
    let stopped = false
    t.after(() => {
      stopped = true
    })

    async function write(): Promise<void> {
      const notes = storage.collection(NOTES)
      while (!stopped) {
        const draft = note()
        try {
          let current = await notes.insert(draft, [told(draft.id, '1')])
          acknowledged.set(draft.id, current.version)
          writes += 1
          current = await notes.replace({ ...current, state: 'changed' }, [told(draft.id, '2')])
          acknowledged.set(draft.id, current.version)
          writes += 1
        } catch (error) {
          assert.ok(unavailable(error), String(error))
          // A refusal may come at once, again and again: others have their turn between two.
          await pause(RELAY_PAUSE_MS)
        }
      }
    }
    async function relay(): Promise<void> {
      while (!stopped) {
        sent.push(...(await handOver(storage)))
        await pause(RELAY_PAUSE_MS)
      }
    }

    const working = Promise.all([...Array.from({ length: WRITERS }, write), relay()])
    for (let kill = 0; kill < KILLS; kill++) {
      const goal = writes + WRITES_BETWEEN_KILLS
      await until(() => writes >= goal)
      await server.kill()
      await server.start()
    }
    stopped = true
    await working
    await until(() =>
      storage.check().then(
        () => true,
        () => false,
      ),
    )
    await until(async () => {
      sent.push(...(await handOver(storage)))
      return (await storage.outbox.pending()).count === 0
    })

    const found = await storage.collection(NOTES).getMany([...acknowledged.keys()])
    assert.equal(found.length, acknowledged.size)
    for (const { id, version } of found) {
      assert.ok(version >= acknowledged.get(id)!, `${id} lost a change`)
      const own = sent.filter(({ event }) => event.subject === `notes/${id}`)
      const first = new Map(own.map(({ event }) => [event.sequence, event.id]))
      const order = own
        .map(({ event }) => event.sequence)
        .filter((sequence, place, all) => all.indexOf(sequence) === place)
      assert.deepEqual(
        order,
        Array.from({ length: version }, (_, place) => place + 1),
        `${id} tells out of order`,
      )
      assert.equal(new Set(first.values()).size, version)
    }
    t.diagnostic(`${acknowledged.size} notes, ${sent.length} events sent, ${KILLS} kills`)
  })
})

/** What a relay does: takes what waits and says that the log has it. Nothing while the database is away. */
async function handOver(storage: Storage): Promise<OutboxEntry[]> {
  let entries: OutboxEntry[] = []
  try {
    entries = await storage.outbox.read(0, 1_000)
    if (entries.length > 0) await storage.outbox.acknowledge(entries.at(-1)!.position)
  } catch (error) {
    assert.ok(unavailable(error), String(error))
  }
  return entries
}

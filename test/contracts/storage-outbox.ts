import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sequenced } from '../../src/kernel/event.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { until } from '../support/until.ts'
import { NOTES, note, type OpenStorage, outboxOf, told } from './storage-fixtures.ts'

/** Documents that each tell of themselves twice, one after the other. */
async function tell(storage: Storage, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const draft = note({ id })
    const first = await storage.collection(NOTES).insert(draft, [told(id, 'inserted')])
    await storage.collection(NOTES).replace(first, [told(id, 'replaced')])
  }
}

/** The committed events that wait for the log. */
export function outboxContract(open: OpenStorage): void {
  describe('the outbox', () => {
    it('holds the events of each document in order, numbered per topic without gaps', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const draft = note()
      const first = await notes.insert(draft, [
        told(draft.id, '1'),
        told(draft.id, '2'),
        told(draft.id, 'a', 'counted'),
      ])
      const second = await notes.replace(first)
      await notes.replace(second, [told(draft.id, '3'), told(draft.id, 'b', 'counted')])
      const entries = await outboxOf(storage, 5)
      const of = (topic: string) =>
        entries
          .filter((entry) => entry.topic === topic)
          .map(({ event }) => [event.sequence, (event.data as { step: string }).step])
      assert.deepEqual(of('ecommerce-orders'), [
        [1, '1'],
        [2, '2'],
        [3, '3'],
      ])
      assert.deepEqual(of('ecommerce-inventory'), [
        [1, 'a'],
        [2, 'b'],
      ])
    })

    it('gives each event as it goes into the log, with positions that ascend', async (t) => {
      const { storage } = await open(t)
      await tell(storage, ['op_1', 'op_2', 'op_3'])
      const entries = await outboxOf(storage, 6)
      for (const [place, { position, topic, event, json }] of entries.entries()) {
        if (place > 0) assert.ok(position > entries[place - 1]!.position)
        assert.equal(topic, 'ecommerce-orders')
        assert.deepEqual(JSON.parse(json), event)
        assert.equal(event.specversion, '1.0')
      }
      const some = await storage.outbox.read(entries[1]!.position, 2)
      assert.deepEqual(some, entries.slice(2, 4))
    })

    it('forgets what was acknowledged, for ever, and never uses a position twice', async (t) => {
      const opened = await open(t)
      await tell(opened.storage, ['op_1', 'op_2'])
      const entries = await outboxOf(opened.storage, 4)
      await opened.storage.outbox.acknowledge(entries[1]!.position)
      assert.deepEqual(await opened.storage.outbox.read(0, 10), entries.slice(2))
      await opened.storage.outbox.acknowledge(entries[1]!.position)
      const again = await opened.reopen()
      // Another holding of the range may say that it took them over.
      const left = (await outboxOf(again, 2)).map(({ taken_over: _, ...entry }) => entry)
      assert.deepEqual(left, entries.slice(2))
      await again.outbox.acknowledge(entries[3]!.position)
      const empty = await opened.reopen()
      await tell(empty, ['op_3'])
      const later = await outboxOf(empty, 2)
      assert.ok(later[0]!.position > entries[3]!.position)
      assert.deepEqual(
        later.map(({ event }) => event.subject),
        ['notes/op_3', 'notes/op_3'],
      )
    })

    it('does not count an acknowledgement as a change of the document', async (t) => {
      const { storage } = await open(t)
      const notes = storage.collection(NOTES)
      const draft = note()
      const first = await notes.insert(draft, [told(draft.id, '1')])
      const [entry] = await outboxOf(storage, 1)
      await storage.outbox.acknowledge(entry!.position)
      const second = await notes.replace({ ...first, state: 'later' }, [told(draft.id, '2')])
      assert.equal(second.version, 2)
      const [next] = await outboxOf(storage, 1)
      assert.equal(next!.event.sequence, 2)
    })

    it('takes events of no document in their order, beside those of documents, and says when they have passed', async (t) => {
      const { storage } = await open(t)
      await tell(storage, ['op_1'])
      const before = (await outboxOf(storage, 2)).at(-1)!.position
      const clicks = ['a', 'b', 'c'].map((step) => sequenced(told('visitor', step), 0))
      let calls = 0
      const stop = storage.outbox.onCommit(() => {
        calls += 1
      })
      const last = await storage.outbox.add(clicks)
      await until(() => calls > 0)
      stop()
      const entries = await outboxOf(storage, 5)
      assert.deepEqual(
        entries.slice(2).map(({ event, json }) => [event.data, JSON.parse(json).sequence]),
        ['a', 'b', 'c'].map((step) => [{ step }, 0]),
      )
      assert.equal(entries.at(-1)!.position, last)
      assert.ok(entries[2]!.position > before)
      assert.equal(await storage.outbox.passed(last), false)
      await storage.outbox.acknowledge(entries[3]!.position)
      assert.deepEqual(
        [await storage.outbox.passed(before), await storage.outbox.passed(last)],
        [true, false],
      )
      await storage.outbox.read(0, 10)
      await storage.outbox.acknowledge(last)
      assert.equal(await storage.outbox.passed(last), true)
    })

    it('says how many wait and since when', async (t) => {
      const { storage } = await open(t)
      assert.deepEqual(await storage.outbox.pending(), { count: 0, oldest_at: null })
      const before = Date.now()
      await tell(storage, ['op_1'])
      await outboxOf(storage, 2)
      const { count, oldest_at } = await storage.outbox.pending()
      assert.equal(count, 2)
      assert.ok(oldest_at! >= before - 1_000 && oldest_at! <= Date.now() + 1_000)
    })

    it('tells its listeners of commits that brought events, and of no others, until they stop', async (t) => {
      const { storage } = await open(t)
      let calls = 0
      const stop = storage.outbox.onCommit(() => {
        calls += 1
      })
      await storage.collection(NOTES).insert(note())
      await storage.check()
      assert.equal(calls, 0)
      await tell(storage, ['op_1'])
      await until(() => calls >= 1)
      const entries = await outboxOf(storage, 2)
      assert.equal(entries.length, 2)
      stop()
      calls = 0
      await tell(storage, ['op_2'])
      await outboxOf(storage, 4)
      assert.equal(calls, 0)
    })
  })
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { isRefusal } from '../../src/kernel/errors.ts'
import { MAX_WAITING_EVENTS } from '../../src/storage/mongo/documents.ts'
import { givePositions, toOutbox } from '../../src/storage/mongo/outbox-documents.ts'
import type { Outbox, OutboxEntry } from '../../src/storage/outbox.ts'
import { NOTES, note, told } from '../contracts/storage-fixtures.ts'
import { whyNot } from '../servers/possible.ts'
import { keepingLogger } from '../support/log.ts'
import { unavailable } from './faults.ts'
import { interrupted, notesIn, openIdle, outboxIn, telling, usurper } from './movers-world.ts'

const skip = whyNot('mongodb') ?? false

const DOCUMENTS = 6
const CHANGES = 20

/** A relay without any lock: what it has read it appends, sooner or later, and then has it forgotten. */
async function relay(outbox: Outbox, log: OutboxEntry[], ended: () => Promise<boolean>): Promise<void> {
  while (!(await ended())) {
    const entries = await outbox.read(0, 50)
    await pause(Math.random() * 20)
    log.push(...entries)
    await pause(Math.random() * 20)
    if (entries.length > 0) await outbox.acknowledge(entries.at(-1)!.position)
  }
}

describe('two movers that both take themselves for the holder', { skip }, () => {
  it('lose and reorder nothing, whoever reads, sends and forgets when', async (t) => {
    const { storage, db } = await openIdle(t)
    const movers = [usurper(db), usurper(db)]
    const log: OutboxEntry[] = []
    let written = false
    const ended = async () => {
      if (!written) return false
      const waiting = await Promise.all([
        outboxIn(db).countDocuments(),
        notesIn(db).countDocuments({ _pending: { $gte: 0 } }),
      ])
      return waiting.every((count) => count === 0)
    }
    const relays = movers.map(({ outbox }) => relay(outbox, log, ended))
    const ids = await Promise.all(Array.from({ length: DOCUMENTS }, () => telling(storage, CHANGES)))
    written = true
    await Promise.all(relays)
    await Promise.all(movers.map(({ mover }) => mover.stop()))

    for (const id of ids) {
      const own = log.filter(({ event }) => event.subject === `notes/${id}`)
      const firsts = [...new Set(own.map(({ event }) => event.sequence))]
      assert.deepEqual(
        firsts,
        Array.from({ length: CHANGES }, (_, place) => place + 1),
      )
      assert.equal(new Set(own.map(({ event }) => event.id)).size, CHANGES)
    }
    t.diagnostic(`${log.length - DOCUMENTS * CHANGES} of ${log.length} sent again`)
  })

  it('give an event a place behind the one before it, which the other brought meanwhile', async (t) => {
    const { storage, db } = await openIdle(t)
    const id = await telling(storage, 3)
    // The other takes a later position for the first event and is there sooner.
    const slow = usurper(
      interrupted(db, async () => {
        const document = (await notesIn(db).findOne({ _id: id })) as unknown as { _outbox: never[] }
        const first = toOutbox(document._outbox[0]!)
        await givePositions(db, [first])
        await outboxIn(db).insertOne(first)
      }),
    )
    await slow.mover.settle()
    const found = await outboxIn(db).find().sort({ _id: 1 }).toArray()
    assert.deepEqual(
      found.map(({ sequence }) => sequence),
      [1, 2, 3],
    )
    assert.deepEqual(
      Object.keys((await notesIn(db).findOne({ _id: id }))!).filter((name) => name.startsWith('_')),
      ['_id'],
    )
    await slow.mover.stop()
  })
})

describe('events that wait in their documents', { skip }, () => {
  it('are moved before their document is removed', async (t) => {
    const { storage, db } = await openIdle(t)
    const notes = storage.collection(NOTES)
    const one = await telling(storage, 2)
    assert.equal(await notes.remove(one, 2), true)
    const old = note({ due: '2026-01-01' })
    await notes.insert(old, [told(old.id, '1')])
    assert.equal(await notes.removeOlder('by_due', '2026-02', 10), 1)
    assert.deepEqual(await notes.getMany([one, old.id]), [])
    const found = await outboxIn(db).find().sort({ _id: 1 }).toArray()
    assert.deepEqual(
      found.map(({ subject }) => subject),
      [`notes/${one}`, `notes/${one}`, `notes/${old.id}`],
    )
  })

  it('refuse further ones of their document when there are too many, until they are moved', async (t) => {
    const { storage, db } = await openIdle(t)
    const notes = storage.collection(NOTES)
    const id = await telling(storage, MAX_WAITING_EVENTS)
    const full = (await notes.get(id))!
    await assert.rejects(notes.replace(full, [told(id, 'more')]), unavailable)
    const stale = { ...full, version: 1 }
    await assert.rejects(notes.replace(stale, [told(id, 'more')]), (error) =>
      isRefusal(error, 'version_moved'),
    )
    const quiet = await notes.replace({ ...full, state: 'changed' })
    const { mover } = usurper(db)
    await mover.settle()
    await mover.stop()
    assert.equal((await notes.replace(quiet, [told(id, 'more')])).version, MAX_WAITING_EVENTS + 2)
  })

  it('wait on when another event has their place, and hold up no other document', async (t) => {
    const { storage, db } = await openIdle(t)
    const [blocked, free] = [await telling(storage, 1), await telling(storage, 2)]
    const document = (await notesIn(db).findOne({ _id: blocked })) as unknown as { _outbox: never[] }
    const obstacle = { ...toOutbox(document._outbox[0]!), event_id: 'evt_other' }
    await givePositions(db, [obstacle])
    await outboxIn(db).insertOne(obstacle)
    const { logger, lines } = keepingLogger()
    const { mover, outbox } = usurper(db, logger)
    await mover.settle()
    assert.equal(await outboxIn(db).countDocuments({ subject: `notes/${free}` }), 2)
    assert.equal(lines.filter(({ level }) => level === 'error').length, 1)
    assert.equal((await notesIn(db).findOne({ _id: blocked }))!._outbox!.length, 1)

    await outbox.read(0, 10)
    await outbox.acknowledge(obstacle._id)
    mover.told('notes', blocked)
    await mover.settle()
    await mover.stop()
    const moved = await outboxIn(db).findOne({ subject: `notes/${blocked}` })
    assert.notEqual(moved!.event_id, 'evt_other')
  })
})

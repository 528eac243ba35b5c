import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Db } from 'mongodb'
import { isRefusal } from '../../src/kernel/errors.ts'
import { MAX_WAITING_EVENTS } from '../../src/storage/mongo/documents.ts'
import { createDoubts } from '../../src/storage/mongo/doubts.ts'
import { givePositions, type OutboxDocument, toOutbox } from '../../src/storage/mongo/outbox-documents.ts'
import type { Outbox, OutboxEntry } from '../../src/storage/outbox.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { NOTES, note, told } from '../contracts/storage-fixtures.ts'
import { whyNot } from '../servers/possible.ts'
import { keepingLogger } from '../support/log.ts'
import { unavailable } from './faults.ts'
import { notesIn, openIdle, outboxIn, usurper } from './movers-world.ts'

const skip = whyNot('mongodb') ?? false

const RANGES = 12
const DOCUMENTS = 6
const CHANGES = 20

/** A note that tells of itself so many times. */
async function telling(storage: Storage, events: number): Promise<string> {
  const draft = note()
  let current = await storage.collection(NOTES).insert(draft, [told(draft.id, '1')])
  for (let step = 2; step <= events; step++)
    current = await storage.collection(NOTES).replace(current, [told(draft.id, String(step))])
  return draft.id
}

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

/** A database in which something happens just before events are first inserted into the outbox, or before another method. */
function interrupted(db: Db, rival: () => Promise<void>, before = ['outbox', 'insertMany']): Db {
  let happened = false
  const collection = (name: string) => {
    const real = db.collection<OutboxDocument>(name)
    if (name !== before[0]) return real
    return new Proxy(real, {
      get(target, property) {
        const value = Reflect.get(target, property)
        if (typeof value !== 'function') return value
        if (property !== before[1] || happened) return value.bind(target)
        return async (...args: unknown[]) => {
          happened = true
          await rival()
          return value.apply(target, args)
        }
      },
    })
  }
  return new Proxy(db, {
    get: (target, property) => (property === 'collection' ? collection : Reflect.get(target, property)),
  })
}

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

describe('the outbox on MongoDB', { skip }, () => {
  it('forgets only what this node has handed out, though a slow node brings something below it', async (t) => {
    const { storage, db } = await openIdle(t)
    await telling(storage, 2)
    const late = toOutbox({ topic: 'ecommerce-orders', at: 1, event: eventOf('late') })
    await givePositions(db, [late])
    const { mover, outbox } = usurper(db)
    const entries = await outbox.read(0, 10)
    assert.equal(entries.length, 2)
    await outboxIn(db).insertOne(late)
    await outbox.acknowledge(entries[1]!.position)
    const left = await outbox.read(0, 10)
    assert.deepEqual(
      left.map(({ position }) => position),
      [late._id],
    )
    assert.ok(late._id < entries[0]!.position)
    await mover.stop()
  })

  it('reads on only while nothing lies below that was not handed out', async (t) => {
    const { db } = await openIdle(t)
    const events = Array.from({ length: 8 }, (_, at) =>
      toOutbox({ topic: 'ecommerce-orders', at: 1, event: eventOf(`e${at}`) }),
    )
    await givePositions(db, events)
    const late = events.shift()!
    const [other] = events
    await outboxIn(db).insertMany(events)
    let mine = [...Array(RANGES).keys()].filter((range) => range !== other!.range)
    const { mover, outbox } = usurper(db, undefined, () => mine)
    const own = events.filter(({ range }) => range !== other!.range).map(({ _id }) => _id)
    const places = async (after: number, limit: number) =>
      (await outbox.read(after, limit)).map(({ position }) => position)
    assert.deepEqual(await places(0, 2), own.slice(0, 2))
    assert.deepEqual(await places(own[1]!, 2), own.slice(2, 4))

    // A range comes to this node, with an event below.
    mine = [...mine, other!.range]
    assert.deepEqual(await places(own[3]!, 2), [])
    await outbox.acknowledge(own[3]!)
    const left = events.filter(({ _id }) => !own.slice(0, 4).includes(_id)).map(({ _id }) => _id)
    assert.equal(left[0], other!._id)
    assert.deepEqual(await places(0, 1), left.slice(0, 1))
    // A slow node brings one below.
    await outboxIn(db).insertOne(late)
    assert.deepEqual(await places(left[0]!, 2), [])
    await outbox.acknowledge(left[0]!)
    assert.deepEqual(await places(0, 10), [late._id, ...left.slice(1)])
    await mover.stop()
  })

  it('is not handed out of a range whose documents were passed over while its lease was in doubt', async (t) => {
    const { storage, db } = await openIdle(t)
    const id = await telling(storage, 1)
    // As a crash leaves it: in the outbox and in its document.
    const document = (await notesIn(db).findOne({ _id: id })) as unknown as { _outbox: never[] }
    const half = toOutbox(document._outbox[0]!)
    await givePositions(db, [half])
    await outboxIn(db).insertOne(half)
    let doubtful = false
    const everything = [...Array(RANGES).keys()]
    const slow = interrupted(db, async () => {
      doubtful = true
    }, ['storage_facts', 'findOneAndUpdate'])
    const { mover, outbox } = usurper(slow, undefined, () => (doubtful ? [] : everything))
    await mover.settle()
    doubtful = false
    assert.equal(mover.ready().includes(half.range), false)
    const entries = await outbox.read(0, 10)
    assert.equal(entries.length, 1)
    await outbox.acknowledge(entries[0]!.position)
    await mover.settle()
    assert.deepEqual(await outbox.read(0, 10), [])
    assert.equal((await notesIn(db).findOne({ _id: id }))!._outbox, undefined)
    await mover.stop()
  })

  it('fills positions whose events may yet arrive, so that none arrives below others', async (t) => {
    const { storage, db } = await openIdle(t)
    const doubts = createDoubts(db)
    const [there, lost] = ['there', 'lost'].map((id) =>
      toOutbox({ topic: 'ecommerce-orders', at: 1, event: eventOf(id) }),
    )
    await givePositions(db, [there!, lost!])
    await outboxIn(db).insertOne(there!)
    doubts.add([there!, lost!])
    await doubts.settle()
    await assert.rejects(outboxIn(db).insertOne(lost!), { code: 11_000 })
    const { mover, outbox } = usurper(db)
    const entries = await outbox.read(0, 10)
    assert.deepEqual(
      entries.map(({ event }) => event.id),
      ['there'],
    )
    await outbox.acknowledge(entries[0]!.position)
    assert.equal(await outbox.passed(lost!._id), true)
    assert.deepEqual(await storage.outbox.pending(), { count: 0, oldest_at: null })
    await mover.stop()
  })
})

function eventOf(id: string) {
  const { topic: _, ...event } = told(id, 'step')
  return { ...event, id, sequence: 1 }
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createDoubts } from '../../src/storage/mongo/doubts.ts'
import { givePositions, toOutbox } from '../../src/storage/mongo/outbox-documents.ts'
import { told } from '../contracts/storage-fixtures.ts'
import { whyNot } from '../servers/possible.ts'
import { interrupted, notesIn, openIdle, outboxIn, telling, usurper } from './movers-world.ts'

const skip = whyNot('mongodb') ?? false

const RANGES = 12

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

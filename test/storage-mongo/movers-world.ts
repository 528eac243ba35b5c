import type { TestContext } from 'node:test'
import { type Db, MongoClient } from 'mongodb'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { openMongoStorage, prepareMongo } from '../../src/storage/mongo/mongo-storage.ts'
import { createMover } from '../../src/storage/mongo/mover.ts'
import { createOutbox } from '../../src/storage/mongo/outbox.ts'
import type { OutboxDocument } from '../../src/storage/mongo/outbox-documents.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { NOTES, note, told } from '../contracts/storage-fixtures.ts'
import { SILENT } from '../support/log.ts'
import { testDatabase } from '../support/mongo.ts'

const RANGES = 12

/** A storage that moves no events, because it takes no ranges; and its database past it. */
export async function openIdle(t: TestContext): Promise<{ storage: Storage; db: Db }> {
  let close = async () => {}
  t.after(() => close())
  const url = await testDatabase(t)
  await prepareMongo({ url, collections: [NOTES] })
  const client = await new MongoClient(url).connect()
  const db = client.db()
  const node_id = newId('run')
  const storage = await openMongoStorage({
    url,
    collections: [NOTES],
    clock: systemClock,
    node_id,
    logger: SILENT,
    beside: true,
  })
  close = async () => {
    await storage.close()
    await client.close()
  }
  return { storage, db }
}

const everyRange = () => Array.from({ length: RANGES }, (_, range) => range)

/** A mover with its outbox that takes itself for the holder of everything, or of what it says. */
export function usurper(db: Db, logger = SILENT, mine: () => readonly number[] = everyRange) {
  const held = () => new Map(mine().map((range) => [range, 1]))
  const leases = { held, alone: () => false, fenceOf: () => 1 }
  const mover = createMover({ db, collections: ['notes'], leases, logger, onMoved: () => {} })
  const engine = {
    db,
    clock: systemClock,
    listed: 'notes',
    run: <Result>(work: () => Promise<Result>) => work(),
    told: mover.told,
  }
  return { mover, outbox: createOutbox(engine, { leases, mover, handed: new Map(), listeners: new Set() }) }
}

export const outboxIn = (db: Db) => db.collection<OutboxDocument>('outbox')
export const notesIn = (db: Db) =>
  db.collection<{ _id: string; _outbox?: never[]; _pending?: number }>('notes')

/** A note that tells of itself so many times. */
export async function telling(storage: Storage, events: number): Promise<string> {
  const draft = note()
  let current = await storage.collection(NOTES).insert(draft, [told(draft.id, '1')])
  for (let step = 2; step <= events; step++)
    current = await storage.collection(NOTES).replace(current, [told(draft.id, String(step))])
  return draft.id
}

/** A database in which something happens just before events are first inserted into the outbox, or before another method. */
export function interrupted(db: Db, rival: () => Promise<void>, before = ['outbox', 'insertMany']): Db {
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

import { type Db, MongoBulkWriteError } from 'mongodb'
import { isOfDuplicates } from './bulk.ts'
import { OPERATION } from './connection.ts'
import { OUTBOX, type OutboxDocument, VOID_RANGE } from './outbox-documents.ts'

/** A server that was frozen works off what it was sent; by then it has done so. */
const VOID_MS = 10 * 60 * 1_000

export interface Doubts {
  add(events: readonly OutboxDocument[]): void
  settle(): Promise<void>
}

/**
 * Positions whose events were sent and not confirmed. A server that was frozen might put them there when it wakes, below
 * events that went to the log meanwhile, and a log that remembers how far it came (the embedded one) would take them for
 * old ones. So each such position is filled before anything else is moved: with nothing, unless its event is there.
 */
export function createDoubts(db: Db): Doubts {
  const outbox = db.collection<OutboxDocument>(OUTBOX)
  const positions = new Set<number>()

  return {
    add(events) {
      for (const { _id } of events) positions.add(_id)
    },
    async settle() {
      if (positions.size === 0) return
      const now = Date.now()
      const filled = [...positions]
      try {
        await outbox.insertMany(
          filled.map((position) => nothing(position, now)),
          { ordered: false, ...OPERATION },
        )
      } catch (error) {
        if (!(error instanceof MongoBulkWriteError) || !isOfDuplicates(error)) throw error
      }
      for (const position of filled) positions.delete(position)
      await outbox.deleteMany({ range: VOID_RANGE, at: { $lt: now - VOID_MS } }, OPERATION)
    },
  }
}

function nothing(position: number, at: number): OutboxDocument {
  const topic = 'ecommerce-operations'
  return {
    _id: position,
    topic,
    subject: '',
    sequence: 0,
    event_id: '',
    range: VOID_RANGE,
    at,
    json: '',
    fence: 0,
  }
}

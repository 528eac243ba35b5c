import type { Db } from 'mongodb'
import { OPERATION } from './connection.ts'
import type { Telling } from './moves.ts'

/** Documents of one collection that one look finds. */
const DOCUMENTS_OF_ONE_LOOK = 200
const FIELDS = { _pending: 1, _outbox: 1 } as const

type Found = Omit<Telling, 'collection'>

/** Of these documents those that have events to move; where ranges are given, only events of these. */
export async function tellingOf(
  db: Db,
  ids: ReadonlyMap<string, Iterable<string>>,
  ranges?: readonly number[],
): Promise<Telling[]> {
  const found = await Promise.all(
    [...ids].map(async ([collection, some]) => {
      const wanted = { _id: { $in: [...some] }, _pending: ranges ? { $in: [...ranges] } : { $exists: true } }
      const documents = await db
        .collection<Found>(collection)
        .find(wanted, { projection: FIELDS, ...OPERATION })
        .toArray()
      return documents.map((document) => ({ ...document, collection }))
    }),
  )
  return found.flat()
}

/** Looks through the collections for documents with events of these ranges. `more` says that there may be others yet. */
export async function sweep(db: Db, collections: readonly string[], ranges: readonly number[]) {
  const documents: Telling[] = []
  let more = false
  for (const collection of collections) {
    const found = await db
      .collection<Found>(collection)
      .find(
        { _pending: { $in: [...ranges] } },
        { projection: FIELDS, limit: DOCUMENTS_OF_ONE_LOOK, ...OPERATION },
      )
      .toArray()
    if (found.length === DOCUMENTS_OF_ONE_LOOK) more = true
    documents.push(...found.map((document) => ({ ...document, collection })))
  }
  return { documents, more }
}

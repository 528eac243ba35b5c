import { type AnyBulkWriteOperation, type Collection, type Document, MongoBulkWriteError } from 'mongodb'
import { OPERATION } from './connection.ts'

const DUPLICATE_KEY = 11_000
/** A command has a time limit: many writes go as several, so that each keeps well within it. */
const WRITES_OF_A_COMMAND = 100

/**
 * Sends writes that are each judged alone. Says how many found their document, or made it; a key that was there already
 * is no error here. Rejects when the server did not confirm them.
 */
export async function bulkWrite<T extends Document>(
  collection: Collection<T>,
  writes: readonly AnyBulkWriteOperation<T>[],
): Promise<number> {
  let found = 0
  for (let from = 0; from < writes.length; from += WRITES_OF_A_COMMAND)
    found += await command(collection, writes.slice(from, from + WRITES_OF_A_COMMAND))
  return found
}

async function command<T extends Document>(
  collection: Collection<T>,
  writes: readonly AnyBulkWriteOperation<T>[],
): Promise<number> {
  try {
    const result = await collection.bulkWrite(writes, { ordered: false, ...OPERATION })
    return result.matchedCount + result.upsertedCount + result.insertedCount
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || !isOfDuplicates(error)) throw error
    return error.matchedCount + error.upsertedCount + error.insertedCount
  }
}

export function isOfDuplicates(error: MongoBulkWriteError): boolean {
  const errors = [error.writeErrors].flat()
  return (
    error.result.getWriteConcernError() === undefined &&
    errors.length > 0 &&
    errors.every(({ code }) => code === DUPLICATE_KEY)
  )
}

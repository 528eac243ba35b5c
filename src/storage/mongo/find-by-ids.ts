import type { Collection, Filter, FindOptions, WithId } from 'mongodb'
import { OPERATION } from './connection.ts'

/** A command has a time limit: many ids go as several at once, so that each keeps well within it. */
const IDS_OF_A_COMMAND = 100

/** The documents with these ids, in no order; those that are not there are left out. */
export async function findByIds<T extends { _id: string }>(
  collection: Collection<T>,
  ids: readonly string[],
  options: FindOptions = {},
): Promise<WithId<T>[]> {
  const commands: Promise<WithId<T>[]>[] = []
  for (let from = 0; from < ids.length; from += IDS_OF_A_COMMAND) {
    const part = ids.slice(from, from + IDS_OF_A_COMMAND)
    const wanted = { _id: { $in: part } } as Filter<T>
    commands.push(collection.find(wanted, { ...OPERATION, batchSize: part.length, ...options }).toArray())
  }
  return (await Promise.all(commands)).flat()
}

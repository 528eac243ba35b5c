import type { Document, Collection as DriverCollection } from 'mongodb'
import type { Collection, CollectionDefinition, Stored } from '../storage.ts'
import { OPERATION } from './connection.ts'
import type { StoredDocument } from './documents.ts'
import type { DocumentEngine } from './engine.ts'
import { olderFilter } from './queries.ts'

/** With a document would go the events that wait in it: they are moved first. */
const NO_EVENTS: Document = { _pending: { $exists: false } }

/** How documents of a collection are removed. */
export function createRemoval<T extends Stored>(
  { run, moveEvents }: DocumentEngine,
  { name, indexes, listing }: CollectionDefinition<T>,
  documents: DriverCollection<StoredDocument>,
): Pick<Collection<T>, 'remove' | 'removeOlder'> {
  return {
    remove: (id, version) =>
      run(async () => {
        for (;;) {
          const { deletedCount } = await documents.deleteOne({ _id: id, version, ...NO_EVENTS }, OPERATION)
          if (deletedCount === 1) return true
          const left = await documents.findOne({ _id: id, version }, { projection: { _id: 1 }, ...OPERATION })
          if (!left) return false
          await moveEvents(name, [id])
        }
      }),
    async removeOlder(index, before, limit) {
      const definition = indexes[index]
      if (definition?.fields.length !== 1) throw new Error(`${name}.${index} is not an index of one field`)
      if (listing) throw new Error(`documents of ${name} are listed and go one by one`)
      const older = olderFilter(definition, before)
      return run(async () => {
        const found = await documents
          .find(older, {
            projection: { _pending: 1 },
            sort: { [definition.fields[0]!]: 1 },
            hint: index,
            limit,
            batchSize: limit,
            ...OPERATION,
          })
          .toArray()
        if (found.length === 0) return 0
        const telling = found.flatMap(({ _id, _pending }) => (_pending === undefined ? [] : [_id]))
        if (telling.length > 0) await moveEvents(name, telling)
        const ids = found.map(({ _id }) => _id)
        const { deletedCount } = await documents.deleteMany(
          { _id: { $in: ids }, ...older, ...NO_EVENTS },
          OPERATION,
        )
        return deletedCount
      })
    },
  }
}

import type { Clock } from '../../kernel/clock.ts'
import type { Collection, CollectionDefinition, Storage, Stored } from '../storage.ts'
import { createCollection } from './collection.ts'
import { planCollection } from './collection-schema.ts'
import { startEngine, startReadOnlyEngine } from './engine.ts'
import { prepareFile } from './file-format.ts'
import { createListing } from './listing.ts'
import { createOutbox } from './outbox.ts'
import { createRollUps } from './roll-ups.ts'
import { SCRUB } from './scrub.ts'
import { createStock } from './stock.ts'
import { createTables } from './tables.ts'

export interface SqliteStorageOptions {
  /** Holds the database file; made when it is missing. Whoever opens it to write has locked it first. */
  directory: string
  // biome-ignore lint/suspicious/noExplicitAny: the documents of the collections differ
  collections: readonly CollectionDefinition<any>[]
  clock: Clock
  /** For tools beside a running server: every write is refused. */
  readOnly?: boolean
  /** Pages of 4 KiB that the database file may have; without it the disk is the limit. */
  max_pages?: number
}

/**
 * Opens the storage in a folder. Throws `StartRefused` for a file that is damaged, foreign or newer.
 */
export async function openSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  const { directory, collections, max_pages, readOnly = false } = options
  const path = prepareFile(directory, { readOnly })
  const plans = new Map(collections.map((definition) => [definition.name, planCollection(definition)]))
  const setup = { path, collections: [...plans.values()], max_pages }
  if (!readOnly) createTables(path, setup.collections)
  const engine = readOnly ? startReadOnlyEngine(setup) : startEngine(setup)
  const opened = new Map<string, Collection<Stored>>()

  return {
    collection<T extends Stored>(definition: CollectionDefinition<T>) {
      const plan = plans.get(definition.name)
      if (!plan) throw new Error(`the storage was opened without the collection ${definition.name}`)
      const collection = opened.get(definition.name) ?? createCollection(engine, definition, plan)
      opened.set(definition.name, collection as Collection<Stored>)
      return collection as Collection<T>
    },
    stock: createStock(engine),
    listing: createListing(engine),
    rollUps: createRollUps(engine),
    outbox: createOutbox(engine, engine.onCommit),
    check: () => engine.write('probe', null),
    scrub: () => engine.write(SCRUB, null),
    close: engine.close,
  }
}

import type { Collection, CollectionDefinition, Storage, Stored } from '../../src/storage/storage.ts'

/** When the process dies: before or after its nth write. */
export interface Death {
  write: number
  when: 'before' | 'after'
}

export class Killed extends Error {}

/** The storage as a process sees it that is killed at one of its writes: nothing it asks for afterwards happens. */
export function mortal(storage: Storage, death: Death): { storage: Storage; died: () => boolean } {
  let writes = 0
  let dead = false

  const alive = () => {
    if (dead) throw new Killed('a dead process asked for something')
  }
  async function write<T>(work: () => Promise<T>): Promise<T> {
    alive()
    writes++
    const last = writes === death.write
    if (last && death.when === 'before') dead = true
    alive()
    const result = await work()
    if (last) dead = true
    alive()
    return result
  }
  async function read<T>(work: () => Promise<T>): Promise<T> {
    alive()
    return work()
  }
  function collection<T extends Stored>(definition: CollectionDefinition<T>): Collection<T> {
    const real = storage.collection(definition)
    return {
      ...real,
      get: (id) => read(() => real.get(id)),
      getBy: (index, values) => read(() => real.getBy(index, values)),
      insert: (document, events) => write(() => real.insert(document, events)),
      replace: (document, events) => write(() => real.replace(document, events)),
    }
  }
  const stock = {
    ...storage.stock,
    apply: (operations: Parameters<Storage['stock']['apply']>[0]) =>
      write(() => storage.stock.apply(operations)),
  }
  return { storage: { ...storage, collection, stock }, died: () => dead }
}

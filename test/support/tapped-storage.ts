import { Refusal } from '../../src/kernel/errors.ts'
import type { Collection, CollectionDefinition, Storage, Stored } from '../../src/storage/storage.ts'

/** A call of the storage port. */
export interface StorageCall {
  /** Name of the collection, or `stock`, `listing`, `rollUps`. */
  target: string
  operation: string
}

/** Sees a call and decides what becomes of it. */
export type Intercept = <Result>(call: StorageCall, run: () => Promise<Result>) => Promise<Result>

const WRITES = new Set(['insert', 'replace', 'remove', 'removeOlder', 'insertMany', 'apply', 'write'])

export function isWrite({ operation }: StorageCall): boolean {
  return WRITES.has(operation)
}

/** A storage whose every call of documents, stock, lists and roll-ups goes through `intercept`. */
export function tapped(storage: Storage, intercept: Intercept): Storage {
  function part<Part extends object>(target: string, real: Part): Part {
    const entries = Object.entries(real).map(([operation, call]) => [
      operation,
      (...given: unknown[]) => intercept({ target, operation }, () => call.apply(real, given)),
    ])
    return Object.fromEntries(entries)
  }
  return {
    ...storage,
    collection<T extends Stored>(definition: CollectionDefinition<T>): Collection<T> {
      return part(definition.name, storage.collection(definition))
    },
    stock: part('stock', storage.stock),
    listing: part('listing', storage.listing),
    rollUps: part('rollUps', storage.rollUps),
    check: () => intercept({ target: 'storage', operation: 'check' }, () => storage.check()),
  }
}

/** What a shop hears whose storage has written and whose network has lost the answer. */
export function replyLost(): Refusal {
  return new Refusal('unavailable', 'storage_unavailable', 'The answer of the storage was lost.', {
    retry_after_seconds: 1,
  })
}

import type { EventDraft } from '../kernel/event.ts'
import { addressOf } from '../kernel/origin.ts'
import type { StockOperation } from './stock.ts'
import type { Collection, Storage, Stored } from './storage.ts'

/** Makes of a full address what may be kept of it; null when nothing is left. */
export type Shorten = (address: string) => string | null

/**
 * The storage as requests use it: events whose actor is the one that is being served say from where. Everything else,
 * such as steps that go on in the background, is told without an origin.
 */
export function withOrigins(storage: Storage, shorten: Shorten): Storage {
  const originOf = (actor: string) => {
    const address = addressOf(actor)
    return (address !== undefined && shorten(address)) || undefined
  }
  const drafts = (events: readonly EventDraft[] = []): readonly EventDraft[] =>
    events.map((event) => {
      const origin = originOf(event.actor)
      if (origin === undefined) return event
      // The data stays last.
      const { data, ...attributes } = event
      return { ...attributes, origin, data }
    })
  const operation = (one: StockOperation): StockOperation => {
    const origin = originOf(one.actor)
    return origin === undefined ? one : { ...one, origin }
  }

  return {
    ...storage,
    collection<T extends Stored>(definition: Parameters<typeof storage.collection<T>>[0]): Collection<T> {
      const collection = storage.collection(definition)
      return {
        ...collection,
        insert: (document, events) => collection.insert(document, drafts(events)),
        replace: (document, events) => collection.replace(document, drafts(events)),
      }
    },
    stock: { ...storage.stock, apply: (operations) => storage.stock.apply(operations.map(operation)) },
  }
}

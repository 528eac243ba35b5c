import { isRefusal } from '../kernel/errors.ts'
import type { EventDraft } from '../kernel/event.ts'
import type { Collection, New, Stored } from './storage.ts'

/**
 * Inserts a document whose id nobody else can have made. When a network loses the storage's answer and the insert is sent
 * again, it meets its own document, under its id or under a unique index: then it is there, once, and that is the answer.
 * Throws `duplicate` when somebody else holds a unique index, and never inserts twice.
 */
export async function insertOnce<T extends Stored>(
  collection: Pick<Collection<T>, 'get' | 'insert'>,
  document: New<T>,
  events: readonly EventDraft[] = [],
): Promise<T> {
  try {
    return await collection.insert(document, events)
  } catch (error) {
    const own = isRefusal(error, 'duplicate') ? await collection.get(document.id) : undefined
    if (!own) throw error
    return own
  }
}

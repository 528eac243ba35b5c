import { setImmediate as turn } from 'node:timers/promises'
import type { Collection, ListQuery, Page, Position, Stored } from './storage.ts'

const PAGE = 500

type Listed<T extends Stored> = Pick<Collection<T>, 'list'>

/**
 * The pages of a list, in its order; what is changed behind a page has no part in the next. Others have their turn
 * between two pages: an engine that answers at once would keep the event loop until the list ends.
 */
export async function* pagesOf<T extends Stored>(
  collection: Listed<T>,
  query: ListQuery,
): AsyncGenerator<T[]> {
  let after: Position | null = query.after ?? null
  do {
    const page: Page<T> = await collection.list({ ...query, ...(after && { after }) })
    yield page.items
    after = page.next
    if (after) await turn()
  } while (after)
}

/** The first `limit` documents of a list, in however many pages they come. */
export async function firstOf<T extends Stored>(collection: Listed<T>, query: ListQuery): Promise<T[]> {
  const found: T[] = []
  for await (const page of pagesOf(collection, query)) {
    found.push(...page.slice(0, query.limit - found.length))
    if (found.length === query.limit) break
  }
  return found
}

/** Every document of a list, page by page; for lists that are bounded by what one person can have. */
export async function listAll<T extends Stored>(
  collection: Listed<T>,
  query: Omit<ListQuery, 'limit' | 'after'>,
): Promise<T[]> {
  const found: T[] = []
  for await (const page of pagesOf(collection, { ...query, limit: PAGE })) found.push(...page)
  return found
}

/** Hands over the documents of a list until none is left in it: each `handle` takes its own out of it. */
export async function emptyList<T extends Stored>(
  collection: Listed<T>,
  query: Omit<ListQuery, 'limit' | 'after'>,
  handle: (document: T) => Promise<void>,
): Promise<void> {
  for (;;) {
    const { items } = await collection.list({ ...query, limit: PAGE })
    if (items.length === 0) return
    for (const document of items) await handle(document)
  }
}

import type { InboxEntry, New } from './schema.ts'

const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 5 * 60_000
/** What waits longer is from before the clock was put back. */
export const LONGEST_WAIT_MS = 2 * LAST_RETRY_MS
/** What a human should see here; all else that is strange stands at its order. */
const STRANGE = 'unknown_order'

/** A notice as it is stored. */
export function entryOf(
  provider: string,
  notice: InboxEntry['notice'],
  { now, at }: { now: number; at: string },
): New<InboxEntry> {
  return {
    id: `${provider}:${notice.id}`,
    provider,
    notice,
    due_at: now,
    tries: 0,
    created_at: at,
    updated_at: at,
  }
}

/** The entry after it was looked at. */
export function settled({ due_at: _, ...entry }: InboxEntry, outcome: string, at: string): InboxEntry {
  return { ...entry, outcome, updated_at: at, ...(outcome === STRANGE && { attention_at: at }) }
}

/** The entry after looking at it failed: it is tried again, later each time. */
export function postponed(entry: InboxEntry, { now, at }: { now: number; at: string }): InboxEntry {
  const pause = Math.min(FIRST_RETRY_MS * 2 ** Math.min(entry.tries, 16), LAST_RETRY_MS)
  return { ...entry, tries: entry.tries + 1, due_at: now + pause, updated_at: at }
}

import type { TestContext } from 'node:test'
import { Type } from 'typebox'
import type { EventDraft } from '../../src/kernel/event.ts'
import { defineEvent } from '../../src/kernel/event-type.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { OutboxEntry } from '../../src/storage/outbox.ts'
import type {
  CollectionDefinition,
  ListQuery,
  New,
  Page,
  Storage,
  Stored,
} from '../../src/storage/storage.ts'
import { until } from '../support/until.ts'

/** A document that has something for every kind of index. */
export interface Note extends Stored {
  owner: string
  state: string
  open: boolean
  rank: number
  text: string
  tags: string[]
  parts: { code: string }[]
  idem?: { key: string }
  due?: string
}

export const NOTES: CollectionDefinition<Note> = {
  name: 'notes',
  indexes: {
    by_owner: { fields: ['owner', 'rank'] },
    by_text: { fields: ['text'] },
    by_open: { fields: ['open', 'rank'] },
    by_due: { fields: ['due'] },
    by_key: { fields: ['owner', 'idem.key'], unique: true },
    by_tag: { fields: ['tags', 'rank'], multi: true },
    by_code: { fields: ['parts.code'], multi: true, unique: true },
  },
}

export interface OpenedStorage {
  storage: Storage
  /** Closes it and opens the same storage again. */
  reopen(): Promise<Storage>
}

/** Gives an empty storage with `NOTES` that ends with the test. */
export type OpenStorage = (t: TestContext) => Promise<OpenedStorage>

const NOTE_CHANGED = defineEvent('note_changed', 'ecommerce-orders', Type.Object({ step: Type.String() }))
const NOTE_COUNTED = defineEvent('note_counted', 'ecommerce-inventory', Type.Object({ step: Type.String() }))

export function note(change: Partial<New<Note>> = {}): New<Note> {
  const at = '2026-01-02T03:04:05.678Z'
  return {
    id: newId('op'),
    owner: 'usr_1',
    state: 'new',
    open: true,
    rank: 1,
    text: 'a note',
    tags: [],
    parts: [],
    created_at: at,
    updated_at: at,
    ...change,
  }
}

/** An event that tells of a note; `counted` goes to another topic. */
export function told(id: string, step: string, kind: 'changed' | 'counted' = 'changed'): EventDraft {
  const type = kind === 'changed' ? NOTE_CHANGED : NOTE_COUNTED
  return type.draft({
    id: newId('evt'),
    subject: `notes/${id}`,
    key: id,
    at: 1_767_323_045_678,
    actor: 'system',
    data: { step },
  })
}

/** Waits until the outbox holds this many entries: an engine may bring them there after the commit. */
export async function outboxOf(storage: Storage, count: number): Promise<OutboxEntry[]> {
  let entries: OutboxEntry[] = []
  await until(async () => {
    entries = await storage.outbox.read(0, 1_000)
    return entries.length >= count
  })
  return entries
}

/** All pages of a list, one after the other. */
export async function allPages(storage: Storage, query: ListQuery): Promise<Note[]> {
  const items: Note[] = []
  let page: Page<Note>
  let after = query.after
  do {
    page = await storage.collection(NOTES).list({ ...query, after })
    items.push(...page.items)
    after = page.next ?? undefined
  } while (page.next)
  return items
}

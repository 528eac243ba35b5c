import type { Notice } from '../../payments/provider.ts'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export type { New } from '../../storage/storage.ts'

export const MAX_WEBHOOK_BYTES = 256 * 1024

/** A notice of a provider, stored before the provider hears that it has arrived; its id is the provider's own, so it is taken once. */
export interface InboxEntry extends Stored {
  provider: string
  notice: Notice
  /** Milliseconds: there until it was looked at; not tried before. */
  due_at?: number
  /** How often looking at it failed. */
  tries: number
  /** What it came to. */
  outcome?: string
  /** There when a human should look. */
  attention_at?: string
}

export const INBOX: CollectionDefinition<InboxEntry> = {
  name: 'webhook_inbox',
  indexes: {
    due: { fields: ['due_at'] },
    received: { fields: ['created_at'] },
    attention: { fields: ['attention_at'] },
  },
}

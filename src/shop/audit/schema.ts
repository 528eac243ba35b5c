import { type Static, Type } from 'typebox'
import { TOPICS } from '../../kernel/event.ts'
import type { Role } from '../../kernel/principal.ts'
import type { CollectionDefinition, New, Stored } from '../../storage/storage.ts'

/** Entries that one step adds to the chain, and the characters of what they tell. */
export const MAX_ADDED = 100
export const MAX_ADDED_CHARACTERS = 1_000_000
/** What one entry keeps of an event; the event itself is in the log. */
export const MAX_TOLD_CHARACTERS = 128 * 1_024
const MAX_FILTER_LENGTH = 160

/** What visitors do is not staff's work, and dead letters tell of others' events. */
export const AUDITED_TOPICS = TOPICS.filter(
  (topic) => topic !== 'ecommerce-clickstream' && topic !== 'ecommerce-dead-letters',
)

/** What is known of a deed before it has its place in the chain. Its id is the event's under another prefix, so it is there once. */
export interface Deed {
  id: string
  event_id: string
  at: string
  actor: string
  role: Exclude<Role, 'customer'>
  origin: string | null
  topic: string
  type: string
  subject: string
  /** JSON text, so that what was hashed is what is kept on every engine. */
  before: string
  after: string
}

/** An entry of the chain: its hash covers the deed, its place and the hash before it. */
export interface AuditEntry extends Stored, Deed {
  /** From 1, without gaps. */
  seq: number
  previous_hash: string
  hash: string
}

export const AUDIT_LOG: CollectionDefinition<AuditEntry> = {
  name: 'audit_log',
  indexes: {
    place: { fields: ['seq'], unique: true },
    actor: { fields: ['actor', 'seq'] },
    subject: { fields: ['subject', 'seq'] },
  },
}

/** The one document that says what the next entry follows: whoever replaces it appends. */
export interface AuditChain extends Stored {
  /** Place and hash of the last entry that was decided; 0 and zeros before the first. */
  seq: number
  hash: string
  /** Keys the digests of what belongs to persons. */
  key: string
  /** The last entries that were decided; inserted by the one who decided them, or by whoever comes next. */
  pending: New<AuditEntry>[]
}

export const AUDIT_CHAIN: CollectionDefinition<AuditChain> = { name: 'audit_chain', indexes: {} }
export const AUDIT_CHAIN_ID = 'audit_log'
export const NO_HASH = '0'.repeat(64)

const closed = { additionalProperties: false } as const
const Fields = Type.Record(Type.String(), Type.Unknown())

export const AuditView = Type.Object(
  {
    id: Type.String(),
    seq: Type.Integer({ description: 'Place in the chain, from 1 without gaps' }),
    at: Type.String({ format: 'date-time' }),
    actor: Type.String({ description: 'Id of the member of staff' }),
    role: Type.Enum(['admin', 'super_admin'], { description: 'What they were at that time' }),
    origin: Type.Union([Type.String(), Type.Null()], {
      description: 'Address without the last octet, or 80 bits; null where it is not known',
    }),
    type: Type.String({ description: 'What was done, as the event of the log is called' }),
    subject: Type.String({ description: 'To what, as products/prd_…' }),
    topic: Type.String(),
    event_id: Type.String(),
    before: { ...Fields, description: 'As far as the event tells' },
    after: { ...Fields, description: 'What belongs to a person stands as a keyed digest' },
    previous_hash: Type.String(),
    hash: Type.String({ description: 'SHA-256 of the entry and of the hash before it' }),
  },
  closed,
)
export type AuditView = Static<typeof AuditView>

export const AuditPage = Type.Object(
  { items: Type.Array(AuditView), next_cursor: Type.Union([Type.String(), Type.Null()]) },
  closed,
)

export const AuditFilter = {
  actor: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_FILTER_LENGTH })),
  subject: Type.Optional(
    Type.String({ minLength: 1, maxLength: MAX_FILTER_LENGTH, description: 'As products/prd_…' }),
  ),
  type: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_FILTER_LENGTH })),
}

export interface AuditQuery {
  actor?: string
  subject?: string
  type?: string
}

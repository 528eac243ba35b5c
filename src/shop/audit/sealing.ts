import { createHmac, hash } from 'node:crypto'
import type { New } from '../../storage/storage.ts'
import type { Digest } from './deed-rules.ts'
import type { AuditEntry, Deed } from './schema.ts'

/** Where the chain ends: the next entry follows this one. */
export interface ChainEnd {
  seq: number
  hash: string
}

/** The entry that a deed becomes behind `end`. */
export function sealed(deed: Deed, end: ChainEnd): New<AuditEntry> {
  const entry = { ...deed, seq: end.seq + 1, previous_hash: end.hash }
  return { ...entry, hash: hashOf(entry), created_at: deed.at, updated_at: deed.at }
}

/** SHA-256 over every field of an entry in this order, as JSON; what the storage adds is not part of it. */
export function hashOf(entry: Omit<New<AuditEntry>, 'hash' | 'created_at' | 'updated_at'>): string {
  const { seq, id, event_id, at, actor, role, origin, topic, type, subject, before, after, previous_hash } =
    entry
  const fields = [seq, id, event_id, at, actor, role, origin, topic, type, subject, before, after]
  return hash('sha256', JSON.stringify([...fields, previous_hash]))
}

/** Tells that two texts are the same to whoever has the key, and nothing to anybody else. */
export function digestWith(key: string): Digest {
  return (text) => `hmac-sha256:${createHmac('sha256', key).update(text).digest('hex')}`
}

import type { Clock } from '../../kernel/clock.ts'
import type { ListQuery, Position, Storage } from '../../storage/storage.ts'
import type { AppendReaction } from '../../stream/reaction.ts'
import type { Users } from '../users/users.ts'
import { createAuditChain } from './chain.ts'
import { auditReaction } from './reactions.ts'
import { AUDIT_LOG, type AuditQuery, type AuditView } from './schema.ts'
import { auditView } from './view-rules.ts'

export interface AuditOptions {
  storage: Pick<Storage, 'collection'>
  users: Pick<Users, 'rolesOf'>
  clock: Clock
}

export interface Audit {
  reaction: AppendReaction
  /** What staff did, the last first, a moment behind the events that it is made of. */
  list(query: AuditQuery, page: { limit: number; after?: Position }): Promise<AuditEntries>
}

export interface AuditEntries {
  items: AuditView[]
  next: Position | null
}

/** Who of staff did what to what, when and from where: a chain that nothing in the shop can change. */
export function createAudit({ storage, users, clock }: AuditOptions): Audit {
  const entries = storage.collection(AUDIT_LOG)
  return {
    reaction: auditReaction({ chain: createAuditChain({ storage, clock }), users }),
    async list(query, page) {
      const { items, next } = await entries.list({ ...indexFor(query), ...page, order: 'desc' })
      return { items: items.map(auditView), next }
    },
  }
}

function indexFor({ actor, subject, type }: AuditQuery): Pick<ListQuery, 'index' | 'equal' | 'where'> {
  const where = { ...(type !== undefined && { type }) }
  if (subject === undefined && actor === undefined) return { index: 'place', where }
  if (subject === undefined) return { index: 'actor', equal: [actor!], where }
  return { index: 'subject', equal: [subject], where: { ...where, ...(actor !== undefined && { actor }) } }
}

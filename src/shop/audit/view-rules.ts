import type { AuditEntry, AuditView } from './schema.ts'

/** An entry as it is shown. */
export function auditView(entry: AuditEntry): AuditView {
  const { id, seq, at, actor, role, origin, type, subject, topic, event_id, previous_hash, hash } = entry
  return {
    ...{ id, seq, at, actor, role, origin, type, subject, topic, event_id },
    before: JSON.parse(entry.before) as Record<string, unknown>,
    after: JSON.parse(entry.after) as Record<string, unknown>,
    ...{ previous_hash, hash },
  }
}

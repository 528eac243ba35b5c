import type { SuperAdminEntry, User } from './schema.ts'

/** Whether a user counts as a super_admin. */
export function isActiveSuperAdmin(user: Pick<User, 'role' | 'status'>): boolean {
  return user.role === 'super_admin' && user.status === 'active'
}

/** Longer than a request lives: an entry older than this was left by one that died. */
export const SUPER_ADMIN_SETTLE_MS = 60_000
/** A change of the list older than this is no longer followed up: somebody may have put the list right by now. */
export const MAX_FOLLOW_UP_MS = 30_000

/**
 * The list with what crashes left put right: an old entry follows its user's own document. `active` are those
 * of its users who are super_admin and active.
 */
export function settleSuperAdmins(
  entries: readonly SuperAdminEntry[],
  active: ReadonlySet<string>,
  now: number,
): SuperAdminEntry[] {
  return entries.flatMap((entry) => {
    if (now - entry.since < SUPER_ADMIN_SETTLE_MS) return [entry]
    return active.has(entry.user_id) ? [{ ...entry, state: 'member' as const }] : []
  })
}

/** The list on which `user_id` counts, or is about to. */
export function withSuperAdmin(
  entries: readonly SuperAdminEntry[],
  user_id: string,
  now: number,
): SuperAdminEntry[] {
  return [...entries.filter((entry) => entry.user_id !== user_id), { user_id, state: 'member', since: now }]
}

/** The list from which `user_id` is leaving, or undefined when nobody would remain who truly is one. */
export function withoutSuperAdmin(
  entries: readonly SuperAdminEntry[],
  active: ReadonlySet<string>,
  leaver: { user_id: string; now: number },
): SuperAdminEntry[] | undefined {
  const others = entries.filter((entry) => entry.user_id !== leaver.user_id)
  if (!others.some((entry) => entry.state === 'member' && active.has(entry.user_id))) return undefined
  return [...others, { user_id: leaver.user_id, state: 'leaving', since: leaver.now }]
}

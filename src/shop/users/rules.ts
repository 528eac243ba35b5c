import type { Fault } from '../../kernel/errors.ts'
import type { Role } from '../../kernel/principal.ts'
import {
  MAX_EMAIL_LENGTH,
  MAX_NAME_LENGTH,
  MAX_PASSWORD_LENGTH,
  type SuperAdminEntry,
  type User,
  type UserChange,
} from './schema.ts'

/**
 * The form under which an e-mail is kept and compared: addresses that look alike to a person are one account.
 * Folding twice catches letters whose upper case has another lower case (Unicode 15, 3.13, default caseless matching).
 */
export function foldEmail(email: string): string {
  return caseless(email.trim())
}

/** The form under which a name is searched. */
export function searchKey(text: string): string {
  return caseless(text)
}

function caseless(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

const EMAIL = /^[^\s@\p{C}"(),:;<>[\]\\]+@[^\s@\p{C}"(),:;<>[\]\\.]+(\.[^\s@\p{C}"(),:;<>[\]\\.]+)+$/u

/** Judges a folded e-mail. */
export function emailFaults(folded: string): Fault[] {
  if (folded.length <= MAX_EMAIL_LENGTH && EMAIL.test(folded)) return []
  return [{ pointer: '/email', code: 'email', message: 'must be an e-mail address' }]
}

/** A name as it is kept: plain text in one line. Markup is text like any other. */
export function cleanName(name: string): string {
  return name.normalize('NFC').replace(/\s+/gu, ' ').trim()
}

/** Judges a cleaned name. Direction overrides would let a name rewrite the line it is shown in. */
export function nameFaults(cleaned: string): Fault[] {
  const message = 'must be 1 to 100 characters of plain text'
  const sound =
    cleaned.length > 0 &&
    cleaned.length <= MAX_NAME_LENGTH &&
    !/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(cleaned)
  return sound ? [] : [{ pointer: '/name', code: 'name', message }]
}

export interface PasswordPolicy {
  min_length: number
  /** Says whether many people have this password; absent: not asked. */
  isCommon?: (password: string) => boolean
}

/** Judges a new password by length and commonness alone: rules of composition make passwords worse. */
export function passwordFaults(password: string, policy: PasswordPolicy, pointer = '/password'): Fault[] {
  const length = [...password].length
  if (length < policy.min_length || length > MAX_PASSWORD_LENGTH) {
    const message = `must be ${policy.min_length} to ${MAX_PASSWORD_LENGTH} characters long`
    return [{ pointer, code: 'password_length', message }]
  }
  if (!policy.isCommon?.(password)) return []
  return [{ pointer, code: 'password_common', message: 'is one that many people use; take another' }]
}

const RANK: Record<Role, number> = { customer: 0, admin: 1, super_admin: 2 }

/** Nobody grants, and nobody changes somebody of, a role above their own. */
export function mayManage(actor: Role, target: Role): boolean {
  return actor === 'super_admin' && RANK[target] <= RANK[actor]
}

/** The fields of `change` that differ from what is there. */
export function effectiveChange(user: User, change: UserChange): UserChange {
  const entries = Object.entries(change).filter(([field, value]) => user[field as keyof UserChange] !== value)
  return Object.fromEntries(entries) as UserChange
}

export function isActiveSuperAdmin(user: Pick<User, 'role' | 'status'>): boolean {
  return user.role === 'super_admin' && user.status === 'active'
}

/** Longer than a request lives: an entry older than this was left by one that died. */
export const SUPER_ADMIN_SETTLE_MS = 60_000

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

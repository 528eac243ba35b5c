import type { Fault } from '../../kernel/errors.ts'
import type { Role } from '../../kernel/principal.ts'
import {
  type FormerRole,
  MAX_EMAIL_LENGTH,
  MAX_FORMER_ROLES,
  MAX_NAME_LENGTH,
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

/** The state of an account that a link sent to it is for: another password, another e-mail and the end of all sessions void the link. */
export function stampOf({
  session_epoch,
  email_epoch = 0,
}: Pick<User, 'session_epoch' | 'email_epoch'>): string {
  return `${session_epoch}.${email_epoch}`
}

const RANK: Record<Role, number> = { customer: 0, admin: 1, super_admin: 2 }

/** Nobody grants, and nobody changes somebody of, a role above their own. */
export function mayManage(actor: Role, target: Role): boolean {
  return actor === 'super_admin' && RANK[target] <= RANK[actor]
}

/** The role that a user had at a time (RFC 3339). Whoever gives up a role does so in it. */
export function roleAt({ role, role_history = [] }: Pick<User, 'role' | 'role_history'>, at: string): Role {
  return role_history.find(({ until }) => at <= until)?.role ?? role
}

/** The user's former roles with the one that ends now. */
export function withFormerRole({ role, role_history = [] }: User, until: string): FormerRole[] {
  return [...role_history, { role, until }].slice(-MAX_FORMER_ROLES)
}

/** The fields of `change` that differ from what is there. */
export function effectiveChange(user: User, change: UserChange): UserChange {
  const entries = Object.entries(change).filter(([field, value]) => user[field as keyof UserChange] !== value)
  return Object.fromEntries(entries) as UserChange
}

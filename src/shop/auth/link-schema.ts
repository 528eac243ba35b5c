import { type Static, Type } from 'typebox'
import type { LinkPurpose } from '../mails/schema.ts'
import { MAX_EMAIL_LENGTH, Password } from '../users/schema.ts'

export const LINK_TTL_MS: Record<LinkPurpose, number> = {
  reset: 30 * 60_000,
  verify: 24 * 60 * 60_000,
  change: 24 * 60 * 60_000,
}
const MAX_LINK_TOKEN_LENGTH = 4_096

export interface LinkClaims {
  purpose: LinkPurpose
  user_id: string
  /** The state of the account that the link is for. */
  stamp: string
  /** Milliseconds. */
  expires_at: number
  /** The address that the account is to have. */
  email?: string
}

const closed = { additionalProperties: false } as const
const LinkToken = Type.String({
  minLength: 1,
  maxLength: MAX_LINK_TOKEN_LENGTH,
  description: 'From the link in the mail',
})
const Email = Type.String({ minLength: 3, maxLength: MAX_EMAIL_LENGTH })

export const ForgottenPassword = Type.Object({ email: Email }, closed)
export const PasswordReset = Type.Object({ token: LinkToken, new_password: Password }, closed)
export type PasswordReset = Static<typeof PasswordReset>
export const EmailProof = Type.Object({ token: LinkToken }, closed)
export const EmailChange = Type.Object({ current_password: Password, new_email: Email }, closed)
export type EmailChange = Static<typeof EmailChange>

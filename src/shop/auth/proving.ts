import { Refusal } from '../../kernel/errors.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { Mails } from '../mails/mails.ts'
import type { User } from '../users/schema.ts'
import { linkNotValid, type Users } from '../users/users.ts'
import type { EmailChange, PasswordReset } from './link-schema.ts'
import type { Links } from './links.ts'
import type { createLoginAttempts } from './login-attempts.ts'
import type { Sessions } from './sessions.ts'

export interface ProvingNeeds {
  users: Pick<
    Users,
    'accountKey' | 'find' | 'findByEmail' | 'resetPassword' | 'confirmEmail' | 'mayTakeEmail' | 'stampOf'
  >
  mails: Pick<Mails, 'ask'>
  links: Pick<Links, 'read'>
  attempts: Pick<ReturnType<typeof createLoginAttempts>, 'admit' | 'succeed'>
  sessions: Pick<Sessions, 'clear'>
}

/** Whose an e-mail is, shown by opening a link that was mailed to it. */
export function createProving({ users, mails, links, attempts, sessions }: ProvingNeeds) {
  async function own({ id }: UserPrincipal): Promise<User> {
    const user = await users.find(id)
    if (!user) throw new Refusal('unauthenticated', 'session_over', 'This account is no longer there.')
    return user
  }

  return {
    /** Mails a link to set a new password; does the same, and says the same, where there is no such account. */
    async forgotPassword(email: string): Promise<void> {
      const address = users.accountKey(email)
      const user = await users.findByEmail(address)
      const whose = user ? { user_id: user.id, stamp: users.stampOf(user) } : {}
      await mails.ask([{ kind: 'password_reset', address, ...whose }])
    },

    /** Sets a new password and ends every session; slips at the old one are forgotten. Throws `link_not_valid`. */
    async resetPassword({ token, new_password }: PasswordReset, network: string): Promise<void> {
      const user = await users.resetPassword(links.read(token, ['reset']), new_password)
      await Promise.all([sessions.clear(user.id), attempts.succeed({ email: user.email, network })])
    },

    /** Mails a link to confirm the e-mail once more; throws `email_verified` where it is. */
    async sendVerification(principal: UserPrincipal): Promise<void> {
      const user = await own(principal)
      if (user.email_verified_at !== undefined)
        throw new Refusal('conflict', 'email_verified', 'This e-mail is confirmed already.')
      const { id: user_id, email: address } = user
      await mails.ask([{ kind: 'email_verification', address, user_id, stamp: users.stampOf(user) }])
    },

    /** Confirms the e-mail, or the new one that a link was sent to; then the old one is told. Throws `link_not_valid`, also for a link of somebody else. */
    async verifyEmail(principal: UserPrincipal, token: string): Promise<void> {
      const claims = links.read(token, ['verify', 'change'])
      if (claims.user_id !== principal.id) throw linkNotValid()
      const { email: old } = await own(principal)
      const { id: user_id, email } = await users.confirmEmail(claims, claims.email)
      // Who still reads the old address has to hear of it there, as nothing else will come to it.
      if (email !== old) await mails.ask([{ kind: 'email_changed', address: old, user_id, to: old }])
    },

    /** Mails a link to the new address and a notice to the old one. Throws `wrong_password` and `email_taken`. */
    async changeEmail(principal: UserPrincipal, change: EmailChange, network: string): Promise<void> {
      const { email: old } = await own(principal)
      const admitted = await attempts.admit({ email: old, network })
      const { user, email } = await users.mayTakeEmail(principal.id, {
        password: change.current_password,
        email: change.new_email,
      })
      await attempts.succeed({ email: old, network }, admitted)
      const { id: user_id } = user
      await mails.ask([
        { kind: 'email_change_notice', address: old, user_id, to: old },
        { kind: 'email_change', address: email, user_id, to: email, stamp: users.stampOf(user) },
      ])
    },
  }
}

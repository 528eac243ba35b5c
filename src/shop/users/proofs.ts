import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { type Accounts, emailTaken, invalid } from './accounts.ts'
import { type PasswordPolicy, passwordFaults } from './password-rules.ts'
import type { Passwords } from './passwords.ts'
import { emailFaults, foldEmail, stampOf } from './rules.ts'
import type { User } from './schema.ts'

export interface ProofsNeeds {
  accounts: Pick<Accounts, 'find' | 'findByEmail' | 'proved' | 'amend'>
  passwords: Pick<Passwords, 'hash'>
  policy: PasswordPolicy
  clock: Clock
}

/** Who opened a link that was sent to an account, in the state that it was sent for. */
export interface LinkHolder {
  user_id: string
  stamp: string
}

/** What somebody may do who reads the mail of an account, each once for a link. */
export function createProofs({ accounts, passwords, policy, clock }: ProofsNeeds) {
  /** The account that a link is still good for; throws `link_not_valid`. */
  async function holder({ user_id, stamp }: LinkHolder): Promise<User> {
    const user = await accounts.find(user_id)
    if (user?.status !== 'active' || stampOf(user) !== stamp) throw linkNotValid()
    return user
  }

  /** The account, whose e-mail was shown to be its owner's now. */
  function verified(user: User): User {
    const email_verified_at = user.email_verified_at ?? timestamp(clock.now())
    return { ...user, email_verified_at, email_epoch: (user.email_epoch ?? 0) + 1 }
  }

  return {
    /** Sets a new password and ends every session of the account. Throws `link_not_valid`, before a hash is computed. */
    async resetPassword(link: LinkHolder, next: string): Promise<User> {
      const user = await holder(link)
      const errors = passwordFaults(next, policy, '/new_password')
      if (errors.length > 0) throw invalid(errors)
      const password = await passwords.hash(next)
      return accounts.amend(
        user,
        (newest) => {
          if (newest.password === password) return undefined
          if (stampOf(newest) !== link.stamp) throw linkNotValid()
          return { ...verified(newest), password, session_epoch: newest.session_epoch + 1 }
        },
        ['password'],
      )
    },

    /** Notes that the e-mail is its owner's; with `email` that one takes the place of the old. Throws `link_not_valid` and `email_taken`. */
    async confirmEmail(link: LinkHolder, email?: string): Promise<User> {
      const known = await accounts.find(link.user_id)
      // Who clicks twice hears twice that the e-mail is theirs; nothing is done a second time.
      if (email === undefined && known && isConfirmedBy(known, link)) return known
      const user = await holder(link)
      const wanted = email ?? user.email
      const done = (newest: User) => newest.email === wanted && stampOf(newest) === stampOf(verified(user))
      try {
        return await accounts.amend(
          user,
          (newest) => {
            if (done(newest)) return undefined
            if (stampOf(newest) !== link.stamp) throw linkNotValid()
            return { ...verified(newest), email: wanted, email_verified_at: timestamp(clock.now()) }
          },
          email === undefined ? ['email_verified_at'] : ['email', 'email_verified_at'],
        )
      } catch (error) {
        throw isRefusal(error, 'duplicate') ? emailTaken() : error
      }
    },

    /** Throws `email_not_verified`. */
    async assertEmailVerified(id: string): Promise<void> {
      const user = await accounts.find(id)
      if (user?.email_verified_at !== undefined) return
      throw new Refusal(
        'forbidden',
        'email_not_verified',
        'Confirm the e-mail of your account first; POST /auth/send-verification mails the link again.',
      )
    },

    /** The form of a new e-mail for an account whose password is given; throws `wrong_password`, `invalid_body` and `email_taken`. */
    async mayTakeEmail(
      id: string,
      given: { password: string; email: string },
    ): Promise<{ user: User; email: string }> {
      const email = foldEmail(given.email)
      const errors = emailFaults(email).map((fault) => ({ ...fault, pointer: '/new_email' }))
      if (errors.length > 0) throw invalid(errors)
      const user = await accounts.proved(id, given.password)
      if (await accounts.findByEmail(email)) throw emailTaken()
      return { user, email }
    },
  }
}

/** Whether the account is in the state that the use of this link has led to. */
function isConfirmedBy(user: User, { stamp }: LinkHolder): boolean {
  if (user.status !== 'active' || user.email_verified_at === undefined) return false
  return stampOf({ ...user, email_epoch: (user.email_epoch ?? 0) - 1 }) === stamp
}

/** The only answer to a link that is not good, whatever the reason. */
export function linkNotValid(): Refusal {
  return new Refusal(
    'malformed',
    'link_not_valid',
    'This link is not valid, or no longer; ask for a new one.',
  )
}

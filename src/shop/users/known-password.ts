import type { Logger } from '../../kernel/logger.ts'
import { StartRefused } from '../../kernel/start-refused.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Passwords } from './passwords.ts'
import { foldEmail } from './rules.ts'
import type { User } from './schema.ts'

export interface KnownPassword {
  /** Of the accounts that may have it: the first administrator, by the variables and by the documentation. */
  emails: readonly string[]
  /** The one of the documentation. */
  password: string
  /** Such an account stops the start; otherwise it is warned of. */
  refused: boolean
}

interface Collaborators {
  users: Pick<Collection<User>, 'getBy'>
  passwords: Pick<Passwords, 'verify'>
  logger: Pick<Logger, 'warn' | 'error'>
}

/** Looks whether staff have the password that everybody knows: the variables only tell of an account that is still to be made. */
export function createKnownPasswordSearch(
  { emails, password, refused }: KnownPassword,
  { users, passwords, logger }: Collaborators,
) {
  let search: Promise<void> = Promise.resolve()

  async function look(): Promise<void> {
    const accounts = [...new Set(emails.map(foldEmail))].map((email) => users.getBy('email', [email]))
    for (const user of await Promise.all(accounts)) {
      if (!user || user.role === 'customer' || user.status !== 'active') continue
      if (await passwords.verify(password, user.password)) tell(user)
    }
  }

  function tell({ id, role, email }: User): void {
    if (refused)
      throw new StartRefused(
        `The ${role} ${email} has the default password, which everybody knows. Start once with NODE_ENV=development where nobody else can reach the shop, sign in and change it (POST /auth/change-password), or deactivate the account.`,
      )
    logger.warn({ user_id: id }, 'An administrator has the default password; change it before others come')
  }

  return {
    /** Costs a hash for each account, which nobody waits for where it is only warned of. Throws StartRefused. */
    async start(): Promise<void> {
      search = look()
      if (refused) return search
      search = search.catch((error: unknown) =>
        logger.error({ err: error }, 'whether an administrator has the default password is not known'),
      )
    },
    /** Waits for what is under way. */
    stop: (): Promise<void> => search.catch(() => {}),
  }
}

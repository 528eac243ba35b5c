import { isRefusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import { StartRefused } from '../../kernel/start-refused.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Registration, User } from './schema.ts'

export interface FirstAdministrator {
  email: string
  password: string
}

interface Collaborators {
  users: Collection<User>
  createFirst(input: Registration): Promise<User>
  logger: Logger
}

/** Makes the first super_admin, only while there is none. */
export async function ensureFirstAdministrator(
  { email, password }: FirstAdministrator,
  { users, createFirst, logger }: Collaborators,
): Promise<void> {
  if (await isThere(users)) return
  try {
    const user = await createFirst({ email, password, name: 'Administrator' })
    logger.info({ user_id: user.id }, 'The first administrator was made')
  } catch (error) {
    if (isRefusal(error, 'email_taken')) {
      // Another node that starts at the same time was faster.
      if (await isThere(users)) return
      // A customer has the address: nobody is promoted without being asked.
      logger.error(
        { variable: 'ADMIN_EMAIL' },
        'There is no super_admin, and the e-mail for one belongs to another account',
      )
      return
    }
    if (isRefusal(error, 'invalid_body')) {
      const faults = error.details.errors?.map((fault) => `${fault.pointer} ${fault.message}`).join('; ')
      throw new StartRefused(`ADMIN_EMAIL or ADMIN_PASSWORD cannot be taken: ${faults}`)
    }
    throw error
  }
}

async function isThere(users: Collection<User>): Promise<boolean> {
  const { items } = await users.list({
    index: 'role',
    equal: ['super_admin'],
    where: { status: 'active' },
    limit: 1,
  })
  return items.length > 0
}

import type { Erasure, User } from './schema.ts'

/** Whether the person of this account is erased, or about to be. */
export function isGone({ status }: Pick<User, 'status'>): boolean {
  return status === 'erasing' || status === 'erased'
}

/**
 * The account without its person. It is made of what may stay and not by taking away, so that whatever accounts come to hold
 * goes too. No address contains a colon, so the e-mail's place is free for whoever registers with it next.
 */
export function erasingUser(user: User, erasure: Erasure): User {
  const { id, version, sequences, created_at, updated_at, role, role_history, session_epoch } = user
  return {
    ...{ id, version, created_at, updated_at, role },
    ...(sequences && { sequences }),
    ...(role_history && { role_history }),
    ...{ email: `erased:${id}`, name: '', name_key: '', password: '' },
    status: 'erasing',
    session_epoch: session_epoch + 1,
    erasure,
  }
}

/** The account of which nothing is left but its id. */
export function erasedUser({ erasure: _, ...user }: User): User {
  return { ...user, status: 'erased' }
}

import type { RollUpReaction } from '../../stream/reaction.ts'

export const LAST_LOGINS = 'last_logins'

/** Id: the user. */
export interface LastLogin {
  /** RFC 3339. */
  at: string | null
}

/**
 * When each user last signed in. It lies outside the user's document, so that signing in does not raise the
 * version that people edit against. Signing up counts, being signed up by staff does not.
 */
export const lastLogins: RollUpReaction<LastLogin> = {
  kind: 'roll-up',
  name: LAST_LOGINS,
  topics: ['ecommerce-user-events'],
  ids(event) {
    const signedIn =
      event.type === 'user_login' || (event.type === 'user_registered' && event.actor === event.partitionkey)
    return signedIn || event.type === 'user_erased' ? [event.partitionkey] : []
  },
  empty: () => ({ at: null }),
  apply(body, _id, event) {
    if (event.type === 'user_erased') body.at = null
    else if (body.at === null || body.at < event.time) body.at = event.time
  },
}

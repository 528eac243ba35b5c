import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import type { LinkPurpose } from '../mails/schema.ts'
import type { User } from '../users/schema.ts'
import { linkNotValid, type Users } from '../users/users.ts'
import { LINK_TTL_MS, type LinkClaims } from './link-schema.ts'
import type { TokenKeys } from './tokens.ts'

export interface LinksOptions {
  keys: TokenKeys
  users: Pick<Users, 'stampOf'>
  clock: Clock
}

/**
 * Tokens of links in mails: what they say, and a mark by a key of ours. Nothing of them is stored: the account, in the state that the
 * token names, is what makes one good, and using it changes that state.
 */
export function createLinks({ keys, users, clock }: LinksOptions) {
  const markKeys = [keys.current, keys.previous]
    .filter((key) => key !== undefined)
    .map((key) => createHmac('sha256', key).update('link in a mail').digest())
  const mark = (key: Buffer, said: string) => createHmac('sha256', key).update(said).digest()

  function isOurs(said: string, text: string): boolean {
    const found = Buffer.from(text, 'base64url')
    if (found.toString('base64url') !== text) return false
    return markKeys
      .map((key) => mark(key, said))
      .some((one) => one.length === found.length && timingSafeEqual(one, found))
  }

  return {
    /** A token for the account as it is now; `email` is the address that it is to have. */
    token(purpose: LinkPurpose, user: User, email?: string): string {
      const expires_at = clock.now() + LINK_TTL_MS[purpose]
      const stamp = users.stampOf(user)
      const claims: LinkClaims = { purpose, user_id: user.id, stamp, expires_at, ...(email && { email }) }
      const said = Buffer.from(JSON.stringify(claims)).toString('base64url')
      return `${said}.${mark(markKeys[0]!, said).toString('base64url')}`
    },

    /** What a token of ours says; throws `link_not_valid` for any other, for one of another purpose and for one that is over. */
    read(token: string, purposes: readonly LinkPurpose[]): LinkClaims {
      const [said = '', text = '', ...more] = token.split('.')
      if (more.length > 0 || !isOurs(said, text)) throw linkNotValid()
      const claims = JSON.parse(Buffer.from(said, 'base64url').toString()) as LinkClaims
      if (!purposes.includes(claims.purpose) || claims.expires_at <= clock.now()) throw linkNotValid()
      return claims
    },
  }
}

export type Links = ReturnType<typeof createLinks>

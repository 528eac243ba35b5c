import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { isId } from '../../kernel/ids.ts'
import type { TokenKeys } from './tokens.ts'

const RANDOM_BYTES = 32
const MARK_BYTES = 16

export interface RefreshTokens {
  /** A new token of this family. */
  make(session_id: string): string
  /** The family that a token claims to be of; undefined for what cannot be a token. */
  sessionOf(token: string): string | undefined
  /** Whether this server made the token, however long ago: then it is no guess but a token used again. */
  isOurs(token: string): boolean
}

/**
 * Refresh tokens: `ses_….` and 48 bytes, 32 of them random, 16 a mark by a key of ours. What makes a token good
 * is its hash in the session; the mark only tells a stolen old one from an invented one.
 */
export function createRefreshTokens(keys: TokenKeys): RefreshTokens {
  const markKeys = [keys.current, keys.previous]
    .filter((key) => key !== undefined)
    .map((key) => createHmac('sha256', key).update('refresh token mark').digest())
  const mark = (key: Buffer, session_id: string, random: Buffer) =>
    createHmac('sha256', key).update(session_id).update(random).digest().subarray(0, MARK_BYTES)

  return {
    make(session_id) {
      const random = randomBytes(RANDOM_BYTES)
      return `${session_id}.${Buffer.concat([random, mark(markKeys[0]!, session_id, random)]).toString('base64url')}`
    },
    sessionOf: (token) => partsOf(token)?.session_id,
    isOurs(token) {
      const parts = partsOf(token)
      if (!parts) return false
      const random = parts.secret.subarray(0, RANDOM_BYTES)
      const found = parts.secret.subarray(RANDOM_BYTES)
      return markKeys.some((key) => timingSafeEqual(mark(key, parts.session_id, random), found))
    },
  }
}

function partsOf(token: string): { session_id: string; secret: Buffer } | undefined {
  const [session_id = '', text = '', ...more] = token.split('.')
  const secret = Buffer.from(text, 'base64url')
  const sound =
    more.length === 0 &&
    isId(session_id, 'ses') &&
    secret.length === RANDOM_BYTES + MARK_BYTES &&
    secret.toString('base64url') === text
  return sound ? { session_id, secret } : undefined
}

/** What is stored of a token. It has 256 random bits, so a plain hash cannot be turned back. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

export function isHashOf(token: string, hash: string | null): boolean {
  return hash !== null && timingSafeEqual(Buffer.from(hashToken(token)), Buffer.from(hash))
}

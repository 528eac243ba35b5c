import { createHash } from 'node:crypto'
import { createDecoder, createSigner, createVerifier } from 'fast-jwt'
import { boundedCache } from '../../kernel/bounded-cache.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Refusal } from '../../kernel/errors.ts'
import { newSuffix } from '../../kernel/ids.ts'
import type { Role } from '../../kernel/principal.ts'
import { type Claims, isAlive, readClaims } from './claim-rules.ts'

export const ISSUER = 'tradewind'
export const AUDIENCE = 'tradewind-api'
/** RFC 9068: an access token is not mistaken for a token of another kind, nor another for it. */
export const TOKEN_TYPE = 'at+jwt'
const MAX_TOKEN_LENGTH = 2_048
const VERIFIED_TOKENS = 20_000
const HEADER_MEMBERS: ReadonlySet<string> = new Set(['alg', 'typ', 'kid'])

export interface TokenKeys {
  current: string
  /** Still accepted, while servers are restarted with a new one. */
  previous?: string
}

export interface AccessTokens {
  issue(holder: { user_id: string; session_id: string; role: Role }): {
    access_token: string
    expires_in: number
  }
  /** The claims of a live token of ours; throws `unauthenticated` for anything else. */
  verify(token: string): Claims
}

/** Access tokens: JWT by HMAC-SHA-256. Nothing in a token chooses how it is checked but a key id that must be ours. */
export function createAccessTokens(options: {
  keys: TokenKeys
  ttl_seconds: number
  clock: Clock
}): AccessTokens {
  const { keys, ttl_seconds, clock } = options
  const kid = keyId(keys.current)
  const sign = createSigner({
    key: keys.current,
    algorithm: 'HS256',
    kid,
    header: { alg: 'HS256', typ: TOKEN_TYPE },
  })
  const accepted = [keys.current, keys.previous].filter((key) => key !== undefined)
  const verifiers = new Map(accepted.map((key) => [keyId(key), verifierOf(key)]))
  const decode = createDecoder({ complete: true })
  const verified = boundedCache<Claims>(VERIFIED_TOKENS)

  function check(token: string): Claims | undefined {
    if (token.length > MAX_TOKEN_LENGTH || !isCanonical(token)) return undefined
    try {
      const { header } = decode(token) as { header: Record<string, unknown> }
      if (Object.keys(header).some((member) => !HEADER_MEMBERS.has(member))) return undefined
      const verify = typeof header.kid === 'string' ? verifiers.get(header.kid) : undefined
      return verify && readClaims(verify(token))
    } catch {
      // Whatever the library finds wrong: a token that is not ours.
      return undefined
    }
  }

  return {
    issue({ user_id, session_id, role }) {
      const iat = Math.floor(clock.now() / 1_000)
      const claims: Claims = {
        sub: user_id,
        sid: session_id,
        jti: newSuffix(clock.now()),
        role,
        iat,
        exp: iat + ttl_seconds,
      }
      return { access_token: sign({ iss: ISSUER, aud: AUDIENCE, ...claims }), expires_in: ttl_seconds }
    },

    verify(token) {
      const known = verified.get(token)
      const claims = known ?? check(token)
      if (!claims) throw new Refusal('unauthenticated', 'invalid_token', 'The access token is not valid.')
      if (!isAlive(claims, clock.now())) {
        verified.delete(token)
        throw new Refusal('unauthenticated', 'token_expired', 'The access token is over; refresh it.')
      }
      if (!known) verified.set(token, claims)
      return claims
    },
  }
}

function verifierOf(key: string): (token: string) => Record<string, unknown> {
  return createVerifier({
    key,
    algorithms: ['HS256'],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    requiredClaims: ['iss', 'aud', 'sub', 'sid', 'jti', 'role', 'iat', 'exp'],
    checkTyp: TOKEN_TYPE,
    // Times are judged by our own clock, in claim-rules.ts, also for tokens that were verified before.
    ignoreExpiration: true,
    ignoreNotBefore: true,
    cache: false,
  })
}

/** One text per token: the spare bits at the end of a segment would otherwise give several. */
function isCanonical(token: string): boolean {
  const segments = token.split('.')
  return (
    segments.length === 3 &&
    segments.every((segment) => Buffer.from(segment, 'base64url').toString('base64url') === segment)
  )
}

/** Tells keys apart without telling anything of them. */
export function keyId(key: string): string {
  return createHash('sha256').update(`tradewind key id\n${key}`).digest('base64url').slice(0, 11)
}

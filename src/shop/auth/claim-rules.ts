import { isId } from '../../kernel/ids.ts'
import type { Role } from '../../kernel/principal.ts'

/** What an access token says. `role` is a hint for pages; what its holder may do is looked up. */
export interface Claims {
  sub: string
  sid: string
  jti: string
  role: Role
  /** Seconds. */
  iat: number
  exp: number
}

/** Clocks of servers that share a key may differ by so much. */
export const CLOCK_SKEW_SECONDS = 60
const ROLES: ReadonlySet<unknown> = new Set(['customer', 'admin', 'super_admin'])

/** The claims of a token whose signature holds, when each of them is what this server writes; else undefined. */
export function readClaims(payload: Record<string, unknown>): Claims | undefined {
  const { sub, sid, jti, role, iat, exp, nbf } = payload
  const sound =
    typeof sub === 'string' &&
    isId(sub, 'usr') &&
    typeof sid === 'string' &&
    isId(sid, 'ses') &&
    typeof jti === 'string' &&
    jti.length > 0 &&
    ROLES.has(role) &&
    Number.isSafeInteger(iat) &&
    Number.isSafeInteger(exp) &&
    (nbf === undefined || Number.isSafeInteger(nbf))
  if (!sound) return undefined
  return {
    sub,
    sid,
    jti,
    role: role as Role,
    iat: Math.max(iat as number, (nbf as number) ?? 0),
    exp: exp as number,
  }
}

/** Whether a token is alive at `now` (milliseconds): neither over nor from the future. */
export function isAlive(claims: Pick<Claims, 'iat' | 'exp'>, now: number): boolean {
  const seconds = now / 1_000
  return seconds < claims.exp && claims.iat <= seconds + CLOCK_SKEW_SECONDS
}

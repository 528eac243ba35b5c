import { createHash, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GuestPrincipal } from '../kernel/principal.ts'

const SESSION_ID = /^[A-Za-z0-9_-]{43}$/
const COOKIE = /(?:^|;\s*)session_id=([^;\s]*)/
const SESSION_COOKIE_SECONDS = 30 * 86_400

/** A guest as the request shows one. What is not an id that was made here is as if it were not there. */
export interface GuestSession {
  principal: GuestPrincipal
  from: 'header' | 'cookie'
}

export function guestOf(request: FastifyRequest): GuestSession | undefined {
  const header = request.headers['x-session-id']
  if (typeof header === 'string' && SESSION_ID.test(header))
    return { principal: guest(header), from: 'header' }
  const cookie = request.headers.cookie
  const id = cookie === undefined ? undefined : COOKIE.exec(cookie)?.[1]
  return id !== undefined && SESSION_ID.test(id) ? { principal: guest(id), from: 'cookie' } : undefined
}

/** Makes a session; its id leaves with this answer and is kept nowhere. */
export function startGuestSession(reply: FastifyReply, secure: boolean): GuestPrincipal {
  const id = randomBytes(32).toString('base64url')
  reply.header('x-session-id', id)
  reply.header('set-cookie', cookie(id, SESSION_COOKIE_SECONDS, secure))
  return guest(id)
}

/** After sign-in the old id must not open anything any more; the browser forgets it. */
export function endGuestSession(reply: FastifyReply, secure: boolean): void {
  reply.header('set-cookie', cookie('', 0, secure))
}

function guest(id: string): GuestPrincipal {
  return { kind: 'guest', id: `guest:${createHash('sha256').update(id).digest('base64url')}` }
}

function cookie(value: string, max_age_seconds: number, secure: boolean): string {
  return `session_id=${value}; Path=/; Max-Age=${max_age_seconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
}

import type { FastifyRequest } from 'fastify'
import { Refusal } from '../kernel/errors.ts'
import type { Principal } from '../kernel/principal.ts'
import type { Access } from './app.ts'

const BEARER = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i

/** The bearer token of a request; undefined when it brings none. Throws `unauthenticated` for any other credentials. */
export function bearerToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  const token = BEARER.exec(header)?.[1]
  if (token === undefined || occurrences(request.raw.rawHeaders, 'authorization') > 1) throw unauthenticated()
  return token
}

/** Whether this caller may use a route with this access. Throws `unauthenticated` or `forbidden`. */
export function demand(access: Access, principal: Principal): void {
  if (access === 'anyone') return
  if (principal.kind !== 'user') throw unauthenticated()
  if (access === 'user') return
  const allowed = access === 'super' ? principal.role === 'super_admin' : principal.role !== 'customer'
  if (!allowed) throw new Refusal('forbidden', 'forbidden', 'Your role does not allow this.')
}

/**
 * A browser sends the session cookie with requests of other sites' pages too; such a request is refused unless
 * its page is ours. Requests that bring a token or X-Session-Id cannot be made by a foreign page.
 */
export function demandOwnOrigin(request: FastifyRequest, origins: ReadonlySet<string>): void {
  const { origin, host } = request.headers
  const foreign =
    origin === undefined
      ? request.headers['sec-fetch-site'] === 'cross-site'
      : !origins.has(origin) && origin !== `http://${host}` && origin !== `https://${host}`
  if (foreign) throw new Refusal('forbidden', 'foreign_origin', 'A page of another site may not do this.')
}

function unauthenticated(): Refusal {
  return new Refusal(
    'unauthenticated',
    'unauthenticated',
    'Sign in and send the access token as a bearer token.',
  )
}

function occurrences(rawHeaders: readonly string[], name: string): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]!.toLowerCase() === name) count++
  return count
}

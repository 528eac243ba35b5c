import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../kernel/errors.ts'

const KEY = /^[\x21-\x7e][\x20-\x7e]{0,254}$/

/** A key with what was asked under it. */
export interface RequestKey {
  key: string
  fingerprint: string
}

/**
 * The Idempotency-Key of a request with the request's fingerprint; undefined when it brings none. Throws
 * `malformed` when the key is empty, longer than 255 characters or not printable ASCII.
 */
export function requestKey(request: FastifyRequest): RequestKey | undefined {
  const header = request.headers['idempotency-key']
  if (header === undefined) return undefined
  if (typeof header !== 'string' || !KEY.test(header)) {
    throw new Refusal(
      'malformed',
      'bad_idempotency_key',
      'Idempotency-Key must be 1 to 255 printable ASCII characters.',
    )
  }
  return { key: header, fingerprint: fingerprint(request) }
}

/**
 * SHA-256 of what decides the effect of a request: method, route, parameters of the path, caller and body as
 * parsed, with keys in order, so that neither spacing nor the order of keys matters. Headers do not count. Of an
 * upload of rows, which is read while it is worked on, its type, its length and the query stand for the body.
 */
export function fingerprint(request: FastifyRequest): string {
  const { method, params, principal } = request
  const body = request.routeOptions.config.takesRows ? uploadOf(request) : request.body
  const route = request.routeOptions.url
  return createHash('sha256')
    .update(canonicalJson([method, route, params, principal.id, body ?? null]))
    .digest('base64url')
}

function uploadOf({ headers, query }: FastifyRequest): unknown {
  return { type: headers['content-type'], length: headers['content-length'], query }
}

/** The refusal of a key that was used for something else. */
export function keyReused(): Refusal {
  return new Refusal(
    'unprocessable',
    'idempotency_key_reused',
    'This Idempotency-Key was used with another request; take a new one.',
  )
}

/** The refusal of a repeat that waited in vain for the first request to end. */
export function stillRunning(): Refusal {
  return new Refusal('conflict', 'in_progress', 'The first request with this Idempotency-Key still runs.', {
    retry_after_seconds: 1,
  })
}

/** JSON with the keys of every object in order: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}

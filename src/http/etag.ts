import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../kernel/errors.ts'
import { sendJson } from './app.ts'

const HASH_LENGTH = 16
const TAG = /^(?:W\/)?"(\d{1,15})-[A-Za-z0-9_-]+"$/

/** `"<version>-<hash of the answer>"`: the version for `If-Match`, the hash for caches. */
export function etagOf(version: number, answer: string): string {
  return `"${version}-${hash('sha256', answer, 'base64url').slice(0, HASH_LENGTH)}"`
}

/** Gives the answer its ETag and hands it on. */
export function tagged<Answer extends { version: number }>(reply: object, answer: Answer): Answer {
  ;(reply as FastifyReply).header('etag', etagOf(answer.version, JSON.stringify(answer)))
  return answer
}

/** Sends an answer with its ETag, made into text once; for large ones whose view holds what may leave and no more. */
export function sendView(reply: object, answer: { version: number }): FastifyReply {
  const json = JSON.stringify(answer)
  ;(reply as FastifyReply).header('etag', etagOf(answer.version, json))
  return sendJson(reply, json)
}

/**
 * The version that a change expects, from `If-Match`; undefined when it expects none (absent or `*`). Throws
 * `malformed` for what no answer of ours carried.
 */
export function expectedVersion(request: FastifyRequest): number | undefined {
  if (!request.routeOptions.config.versioned)
    throw new Error(`${request.routeOptions.url} takes If-Match and does not say so: \`versioned\``)
  const header = request.headers['if-match']
  if (header === undefined || header === '*') return undefined
  const version = TAG.exec(header)?.[1]
  if (version === undefined)
    throw new Refusal('malformed', 'bad_if_match', 'If-Match must be the ETag of an earlier answer.')
  return Number(version)
}

/** Throws `version_conflict` when `If-Match` expects another version than this one. */
export function demandVersion(expected: number | undefined, version: number): void {
  if (expected !== undefined && expected !== version)
    throw new Refusal('version_conflict', 'version_moved', 'It has changed since you read it; read it again.')
}

/** Whether the caller already has the answer with this tag (`If-None-Match`). */
export function callerHas(request: FastifyRequest, etag: string): boolean {
  const header = request.headers['if-none-match']
  if (header === undefined) return false
  if (header === '*' || header === etag) return true
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}

/** Sends JSON text with its ETag, or 304 without a body when the caller has it. */
export function sendTagged(request: FastifyRequest, reply: object, json: string, etag: string): FastifyReply {
  const answer = reply as FastifyReply
  answer.header('etag', etag)
  if (callerHas(request, etag)) return answer.code(304).send()
  return answer.type('application/json; charset=utf-8').send(json)
}

import { createHash } from 'node:crypto'
import { timestamp } from '../kernel/clock.ts'
import type { Collection, CollectionDefinition, New, Stored } from '../storage/storage.ts'
import type { RequestKey } from './idempotency-key.ts'

export const KEY_RETENTION_MS = 7 * 86_400_000
/** A repeat waits this long for the first request before it hears 409. */
export const REPLAY_WAIT_MS = 10_000
const SWEEP_BATCH = 500

/** An answer as it left: what a repeat gets again. */
export interface KeptAnswer {
  status: number
  headers: Record<string, string>
  body: string | null
}

export interface IdempotencyKey extends Stored {
  fingerprint: string
  operation_id: string
  /** null while the operation runs, and after it failed for a reason that may pass. */
  answer: KeptAnswer | null
  /** Expiry; compared when read, since removing lags behind. */
  until: string
  /** With several nodes: the request that runs the operation, and until when (ms) it is believed to be alive. */
  lease?: { owner: string; until: number }
  /** Ids of the person that the kept answer was given to, and of the persons and orders that it tells of; there when there are any. */
  about?: string[]
}

export const IDEMPOTENCY_KEYS: CollectionDefinition<IdempotencyKey> = {
  name: 'idempotency_keys',
  indexes: { until: { fields: ['until'] }, about: { fields: ['about'], multi: true } },
}

/** The right to run the operation of a key, or the answer it gave. */
export type Claim = { run: IdempotencyKey } | { replay: KeptAnswer }

/**
 * Keys that the general mechanism keeps (those of orders and carts lie in their documents). A claim whose request was
 * broken off by a crash or a failure is gone on with under the same operation id, so that nothing is done twice.
 */
export interface IdempotencyStore {
  claim(namespace: string, key: RequestKey, operation_id: string): Promise<Claim>
  /** Keeps the answer; when this resolves the answer may leave. */
  finish(claim: IdempotencyKey, answer: KeptAnswer, given_to?: string): Promise<void>
  /** The operation failed for a reason that may pass: a repeat goes on under the same operation id. */
  leaveOpen(claim: IdempotencyKey): void
  /** The operation never began: the key is free again. */
  forget(claim: IdempotencyKey): Promise<void>
  stop(): Promise<void>
}

/** The id of a key's document. */
export function keyId(namespace: string, key: string): string {
  return createHash('sha256').update(`${namespace} ${key}`).digest('base64url')
}

/** The document of a request that nobody made before. */
export function newClaim(
  id: string,
  { fingerprint, operation_id }: Pick<IdempotencyKey, 'fingerprint' | 'operation_id'>,
  now: number,
): New<IdempotencyKey> {
  const at = timestamp(now)
  const until = timestamp(now + KEY_RETENTION_MS)
  return { id, fingerprint, operation_id, answer: null, created_at: at, updated_at: at, until }
}

const MAX_ABOUT = 50
const PERSON_OR_ORDER = /\b(?:usr|ord)_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g

/** The change that keeps an answer, to be found again by whom it was given to and what it tells of. A refusal tells of nobody. */
export function withAnswer(answer: KeptAnswer, given_to?: string): Pick<IdempotencyKey, 'answer' | 'about'> {
  const told = answer.status < 300 ? `${given_to} ${answer.body}` : ''
  const about = [...new Set(told.match(PERSON_OR_ORDER))].slice(0, MAX_ABOUT)
  return { answer, ...(about.length > 0 && { about }) }
}

/** Removes the keys whose time is over. */
export async function sweepKeys(keys: Collection<IdempotencyKey>, now: number): Promise<void> {
  while ((await keys.removeOlder('until', timestamp(now), SWEEP_BATCH)) === SWEEP_BATCH);
}

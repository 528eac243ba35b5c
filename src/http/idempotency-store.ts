import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, timestamp } from '../kernel/clock.ts'
import { isRefusal } from '../kernel/errors.ts'
import type { Collection, CollectionDefinition, Stored } from '../storage/storage.ts'
import { keyReused, type RequestKey, stillRunning } from './idempotency-key.ts'

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
}

export const IDEMPOTENCY_KEYS: CollectionDefinition<IdempotencyKey> = {
  name: 'idempotency_keys',
  indexes: { until: { fields: ['until'] } },
}

/** The right to run the operation of a key, or the answer it gave. */
export type Claim = { run: IdempotencyKey } | { replay: KeptAnswer }

export interface IdempotencyStore {
  claim(namespace: string, key: RequestKey, operation_id: string): Promise<Claim>
  /** Keeps the answer; when this resolves the answer may leave. */
  finish(claim: IdempotencyKey, answer: KeptAnswer): Promise<void>
  /** The operation failed for a reason that may pass: a repeat goes on under the same operation id. */
  leaveOpen(claim: IdempotencyKey): void
  /** The operation never began: the key is free again. */
  forget(claim: IdempotencyKey): Promise<void>
  sweep(): Promise<void>
}

interface Slot {
  fingerprint: string
  ended: Promise<void>
  end(): void
}

/**
 * Keys that the general mechanism keeps (those of orders and carts lie in their documents). Whoever takes the
 * slot of a key in this process looks at its document: an answer is given again, a claim without one belongs to
 * an operation that a crash or a failure broke off, and is gone on with under the same operation id.
 */
export function createIdempotencyStore(options: {
  keys: Collection<IdempotencyKey>
  clock: Clock
  wait_ms?: number
}): IdempotencyStore {
  const { keys, clock, wait_ms = REPLAY_WAIT_MS } = options
  const slots = new Map<string, Slot>()

  function takeSlot(id: string, fingerprint: string): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    slots.set(id, { fingerprint, ended: promise, end: resolve })
  }

  function freeSlot(id: string): void {
    slots.get(id)?.end()
    slots.delete(id)
  }

  async function waitForSlot(id: string, fingerprint: string): Promise<void> {
    const give_up = AbortSignal.timeout(wait_ms)
    for (let slot = slots.get(id); slot; slot = slots.get(id)) {
      if (slot.fingerprint !== fingerprint) throw keyReused()
      if (give_up.aborted) throw stillRunning()
      await Promise.race([
        slot.ended,
        sleep(wait_ms, undefined, { signal: give_up, ref: false }).catch(() => {}),
      ])
    }
  }

  async function lookAt(id: string, fingerprint: string, operation_id: string): Promise<Claim> {
    const now = timestamp(clock.now())
    const until = timestamp(clock.now() + KEY_RETENTION_MS)
    const fresh = { id, fingerprint, operation_id, answer: null, created_at: now, updated_at: now, until }
    const known = await keys.get(id)
    if (!known) return { run: await keys.insert(fresh) }
    if (known.until < now) return { run: await keys.replace({ ...known, ...fresh }) }
    if (known.fingerprint !== fingerprint) throw keyReused()
    return known.answer ? { replay: known.answer } : { run: known }
  }

  return {
    async claim(namespace, { key, fingerprint }, operation_id) {
      const id = createHash('sha256').update(`${namespace} ${key}`).digest('base64url')
      await waitForSlot(id, fingerprint)
      takeSlot(id, fingerprint)
      try {
        const claim = await lookAt(id, fingerprint, operation_id)
        if ('replay' in claim) freeSlot(id)
        return claim
      } catch (error) {
        freeSlot(id)
        // Another node was faster.
        if (isRefusal(error, 'duplicate') || isRefusal(error, 'version_moved')) throw stillRunning()
        throw error
      }
    },
    async finish(claim, answer) {
      try {
        await keys.replace({ ...claim, answer, updated_at: timestamp(clock.now()) })
      } catch (error) {
        // Somebody else went on with this very operation and has kept its answer.
        if (!isRefusal(error, 'version_moved')) throw error
      } finally {
        freeSlot(claim.id)
      }
    },
    leaveOpen: (claim) => freeSlot(claim.id),
    async forget(claim) {
      try {
        await keys.remove(claim.id, claim.version)
      } finally {
        freeSlot(claim.id)
      }
    },
    async sweep() {
      while ((await keys.removeOlder('until', timestamp(clock.now()), SWEEP_BATCH)) === SWEEP_BATCH);
    },
  }
}

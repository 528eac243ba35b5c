import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, timestamp } from '../kernel/clock.ts'
import { isRefusal } from '../kernel/errors.ts'
import type { Collection } from '../storage/storage.ts'
import { keyReused, stillRunning } from './idempotency-key.ts'
import {
  type Claim,
  type IdempotencyKey,
  type IdempotencyStore,
  keyId,
  newClaim,
  REPLAY_WAIT_MS,
  withAnswer,
} from './idempotency-store.ts'

interface Slot {
  fingerprint: string
  ended: Promise<void>
  end(): void
}

/**
 * Keys of the only process on a storage. Whoever takes the slot of a key looks at its document: an answer is given
 * again, a claim without one was broken off, since nobody else can be at it.
 */
export function createKeySlots(options: {
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
    const now = clock.now()
    const fresh = newClaim(id, { fingerprint, operation_id }, now)
    const known = await keys.get(id)
    if (!known) return { run: await keys.insert(fresh) }
    if (known.until < timestamp(now)) return { run: await keys.replace({ ...known, ...fresh }) }
    if (known.fingerprint !== fingerprint) throw keyReused()
    return known.answer ? { replay: known.answer } : { run: known }
  }

  return {
    async claim(namespace, { key, fingerprint }, operation_id) {
      const id = keyId(namespace, key)
      await waitForSlot(id, fingerprint)
      takeSlot(id, fingerprint)
      try {
        const claim = await lookAt(id, fingerprint, operation_id)
        if ('replay' in claim) freeSlot(id)
        return claim
      } catch (error) {
        freeSlot(id)
        // A process that should not be there was faster.
        if (isRefusal(error, 'duplicate') || isRefusal(error, 'version_moved')) throw stillRunning()
        throw error
      }
    },
    async finish(claim, answer, given_to) {
      try {
        await keys.replace({ ...claim, ...withAnswer(answer, given_to), updated_at: timestamp(clock.now()) })
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
    stop: async () => {},
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, timestamp } from '../kernel/clock.ts'
import { isRefusal } from '../kernel/errors.ts'
import { CLOCK_SKEW_MS } from '../kernel/nodes.ts'
import type { Collection, New } from '../storage/storage.ts'
import { createKeyHoldings } from './idempotency-holdings.ts'
import { keyReused, type RequestKey, stillRunning } from './idempotency-key.ts'
import {
  type IdempotencyKey,
  type IdempotencyStore,
  type KeptAnswer,
  keyId,
  newClaim,
  REPLAY_WAIT_MS,
  withAnswer,
} from './idempotency-store.ts'

/** A claim whose request says nothing for so long is taken for broken off. */
export const KEY_LEASE_MS = 5_000
const FIRST_PAUSE_MS = 10
const MAX_PAUSE_MS = 500

type Look = { run: IdempotencyKey } | { replay: KeptAnswer } | 'running'

/** A lease that ends later than any is given is from before the clock was put back, and is void. */
function isRunning({ lease }: IdempotencyKey, { now, lease_ms }: { now: number; lease_ms: number }): boolean {
  return lease !== undefined && lease.until > now && lease.until <= now + lease_ms + CLOCK_SKEW_MS
}

/**
 * Keys of several nodes on one storage. The claim carries a lease that its request renews while it runs; a repeat looks
 * again and again, with growing pauses, until there is an answer or the lease has run out, and then goes on itself. The
 * owner of a lease is the request and not the node, so that a write whose acknowledgement was lost is known as one's own.
 */
export function createKeyLeases(options: {
  keys: Collection<IdempotencyKey>
  clock: Clock
  wait_ms?: number
  lease_ms?: number
}): IdempotencyStore {
  const { keys, clock, wait_ms = REPLAY_WAIT_MS, lease_ms = KEY_LEASE_MS } = options
  const holdings = createKeyHoldings({ keys, clock, lease_ms })

  /** Undefined when somebody else was first. */
  async function take(write: () => Promise<IdempotencyKey>): Promise<IdempotencyKey | undefined> {
    try {
      return await write()
    } catch (error) {
      if (isRefusal(error, 'duplicate') || isRefusal(error, 'version_moved')) return undefined
      throw error
    }
  }

  /** Looks at the claim and takes it when it is free; undefined when it moved meanwhile and has to be looked at again. */
  async function look(id: string, fingerprint: string, owner: string): Promise<Look | undefined> {
    const known = await keys.get(id)
    const now = clock.now()
    const lease = { owner, until: now + lease_ms }
    const fresh = (): New<IdempotencyKey> => ({
      ...newClaim(id, { fingerprint, operation_id: owner }, now),
      lease,
    })
    const run = await (async () => {
      if (!known) return take(() => keys.insert(fresh()))
      if (known.until < timestamp(now)) return take(() => keys.replace({ ...known, ...fresh() }))
      if (known.fingerprint !== fingerprint) throw keyReused()
      if (known.answer || isRunning(known, { now, lease_ms })) return known
      return take(() => keys.replace({ ...known, lease, updated_at: timestamp(now) }))
    })()
    if (!run) return undefined
    if (run.answer) return { replay: run.answer }
    return run.lease?.owner === owner ? { run } : 'running'
  }

  /** For a key that nobody used before, which is nearly always, one write is all. */
  async function takeNew(id: string, fingerprint: string, owner: string): Promise<Look | undefined> {
    const now = clock.now()
    const claim = newClaim(id, { fingerprint, operation_id: owner }, now)
    const run = await take(() => keys.insert({ ...claim, lease: { owner, until: now + lease_ms } }))
    return run && { run }
  }

  return {
    async claim(namespace: string, { key, fingerprint }: RequestKey, operation_id: string) {
      const id = keyId(namespace, key)
      const give_up = performance.now() + wait_ms
      let pause = FIRST_PAUSE_MS
      let seen = await takeNew(id, fingerprint, operation_id)
      while (seen === undefined || seen === 'running') {
        const left_ms = give_up - performance.now()
        if (left_ms <= 0) throw stillRunning()
        if (seen === 'running') {
          await sleep(Math.min(pause, left_ms))
          pause = Math.min(pause * 2, MAX_PAUSE_MS)
        }
        seen = await look(id, fingerprint, operation_id)
      }
      if ('run' in seen) holdings.hold(seen.run)
      return seen
    },
    async finish(claim, answer, given_to) {
      await holdings.letGo(claim, withAnswer(answer, given_to))
    },
    leaveOpen(claim) {
      // The lease runs out by itself when this cannot be written.
      holdings.letGo(claim, {}).catch(() => {})
    },
    forget: holdings.remove,
    stop: holdings.stop,
  }
}

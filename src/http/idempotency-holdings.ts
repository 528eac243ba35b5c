import { type Clock, timestamp } from '../kernel/clock.ts'
import { isRefusal } from '../kernel/errors.ts'
import { periodically } from '../kernel/periodic.ts'
import type { Collection } from '../storage/storage.ts'
import type { IdempotencyKey } from './idempotency-store.ts'

/** Renewals per lease: one that fails does not cost the claim. */
const RENEWALS_PER_LEASE = 4
/** How often a write is tried again whose version another write of the same request moved. */
const MAX_TRIES = 4

/** A claim that a request of this node runs, as it was last written. */
interface Holding {
  latest: IdempotencyKey
  owner: string
  renewing: Promise<unknown>
}

/** The claims that requests of this node run: renewed while they do, written on by nobody else. */
export function createKeyHoldings(options: {
  keys: Collection<IdempotencyKey>
  clock: Clock
  lease_ms: number
}) {
  const { keys, clock, lease_ms } = options
  const held = new Map<IdempotencyKey, Holding>()

  /**
   * Writes the claim on while it is this request's. A version that moved need not mean that it is lost: an earlier
   * write may have gone through without our hearing of it. False when another request has taken over.
   */
  async function writeOn(
    holding: Holding,
    write: (latest: IdempotencyKey) => Promise<boolean>,
  ): Promise<boolean> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (await write(holding.latest)) return true
      const now = await keys.get(holding.latest.id)
      if (!now || now.answer || now.lease?.owner !== holding.owner) return false
      holding.latest = now
    }
    return false
  }

  function replace(holding: Holding, change: (latest: IdempotencyKey) => IdempotencyKey): Promise<boolean> {
    return writeOn(holding, async (latest) => {
      try {
        holding.latest = await keys.replace({ ...change(latest), updated_at: timestamp(clock.now()) })
        return true
      } catch (error) {
        if (isRefusal(error, 'version_moved')) return false
        throw error
      }
    })
  }

  function renew(holding: Holding): Promise<unknown> {
    const { owner } = holding
    holding.renewing = replace(holding, (latest) => ({
      ...latest,
      lease: { owner, until: clock.now() + lease_ms },
    })).catch(() => {
      // The next renewal tries again; one lost lease only means that a repeat may go on beside us.
    })
    return holding.renewing
  }

  const renewals = periodically(
    lease_ms / RENEWALS_PER_LEASE,
    async () => {
      const now = clock.now()
      const soon = now + lease_ms * (1 - 1 / RENEWALS_PER_LEASE)
      const due = [...held.values()].filter(({ latest }) => {
        const until = latest.lease?.until ?? 0
        // The latter after the clock was put back.
        return until <= soon || until > now + lease_ms
      })
      await Promise.all(due.map(renew))
    },
    () => {},
  )

  /** Ends the renewing of a claim; undefined when it was not held. */
  async function release(claim: IdempotencyKey): Promise<Holding | undefined> {
    const holding = held.get(claim)
    held.delete(claim)
    await holding?.renewing
    return holding
  }

  return {
    hold(claim: IdempotencyKey): void {
      held.set(claim, { latest: claim, owner: claim.lease!.owner, renewing: Promise.resolve() })
    },
    /** Gives the lease back with this change; nothing happens to a claim that another request has taken over. */
    async letGo(claim: IdempotencyKey, change: Partial<IdempotencyKey>): Promise<void> {
      const holding = await release(claim)
      if (holding) await replace(holding, ({ lease: _, ...latest }) => ({ ...latest, ...change }))
    },
    async remove(claim: IdempotencyKey): Promise<void> {
      const holding = await release(claim)
      if (holding) await writeOn(holding, ({ id, version }) => keys.remove(id, version))
    },
    stop: renewals.stop,
  }
}

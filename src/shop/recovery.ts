import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Nodes } from '../kernel/nodes.ts'
import { type Periodic, periodically } from '../kernel/periodic.ts'
import type { Carts } from './carts/carts.ts'
import type { Catalog } from './catalog/catalog.ts'
import type { Inventory } from './inventory/inventory.ts'
import type { Orders } from './orders/orders.ts'
import type { Reviews } from './reviews/reviews.ts'
import type { Webhooks } from './webhooks/webhooks.ts'
import type { Wishlist } from './wishlist/wishlist.ts'

export interface RecoveryNeeds {
  orders: Pick<Orders, 'recover' | 'expire' | 'reconcile' | 'sweepReservations' | 'oldestUnsettled' | 'idle'>
  catalog: Pick<Catalog, 'recover' | 'oldestPending'>
  carts: Pick<Carts, 'recover'>
  inventory: Pick<Inventory, 'audit' | 'forget'>
  reviews: Pick<Reviews, 'recover'>
  wishlist: Pick<Wishlist, 'recover'>
  webhooks: Pick<Webhooks, 'settleDue'>
  nodes: Nodes
  clock: Clock
  logger: Logger
}

/** Readiness waits so long for the first pass; what is left goes on behind it. */
const FIRST_PASS_MS = 8_000
/** A bit over a lease: what a driver lost is taken up within two of these. */
const RECOVER_EVERY_MS = 5_000
const SWEEP_EVERY_MS = 60_000
const AUDIT_EVERY_MS = 10 * 60_000
const RECONCILE_EVERY_MS = 5 * 60_000
/** Several nodes that start together do not go on looking at the same things at the same moment. */
const SPREAD = 0.2
/**
 * How long tombstones and refs outlive what left them, once nothing older is half-way: a day longer than an
 * Idempotency-Key, so that an adjustment repeated under its key still finds its ref.
 */
const REMEMBERED_MS = 8 * 24 * 60 * 60 * 1_000

/** Finishes or undoes what was left half-way: at start and for ever. Every pass may be repeated. */
export function createRecovery(needs: RecoveryNeeds) {
  const { orders, catalog, carts, inventory, reviews, wishlist, webhooks, nodes, clock, logger } = needs
  let jobs: Periodic[] = []
  let firstPass: Promise<unknown> = Promise.resolve()

  async function recoverAll(): Promise<void> {
    const { found, waiting } = await orders.recover()
    if (found > 0) logger.info({ found, waiting }, 'orders that were left half-way have been driven on')
    const rest = await Promise.allSettled([
      ...[catalog.recover(), carts.recover(), orders.expire()],
      ...[reviews.recover(), wishlist.recover()],
    ])
    for (const outcome of rest) if (outcome.status === 'rejected') throw outcome.reason
  }

  /** Notices as well as orders: neither waits for a provider that does not answer the other. */
  async function takeUp(): Promise<void> {
    const both = await Promise.allSettled([webhooks.settleDue(), recoverAll()])
    for (const outcome of both) if (outcome.status === 'rejected') throw outcome.reason
  }

  async function sweep(): Promise<void> {
    const halfway = await Promise.all([orders.oldestUnsettled(), catalog.oldestPending()])
    await orders.sweepReservations()
    const oldest = Math.min(...halfway.map((at) => at ?? Number.POSITIVE_INFINITY))
    await inventory.forget(Math.min(clock.now() - REMEMBERED_MS, oldest))
  }

  async function reconcile(): Promise<void> {
    await orders.reconcile()
  }

  async function audit(): Promise<void> {
    await inventory.audit()
  }

  function repeat(every_ms: number, name: string, job: () => Promise<void>): Periodic {
    const interval_ms = nodes === 'one' ? every_ms : every_ms * (1 - SPREAD * Math.random())
    return periodically(interval_ms, job, (error) =>
      logger.warn({ err: error }, `${name} failed; it comes again`),
    )
  }

  return {
    /** Resolves when the first pass is through, or has had its time and goes on behind the readiness. */
    async start(): Promise<void> {
      firstPass = takeUp()
        .then(sweep)
        .catch((error: unknown) =>
          logger.error({ err: error }, 'the first pass of recovery failed; it comes again'),
        )
        .finally(() => {
          jobs = [
            repeat(RECOVER_EVERY_MS, 'recovery', recoverAll),
            repeat(SWEEP_EVERY_MS, 'the sweep of reservations', sweep),
            repeat(AUDIT_EVERY_MS, 'the stock audit', audit),
            repeat(RECONCILE_EVERY_MS, 'the comparison with the payment provider', reconcile),
          ]
        })
      const { promise: timeIsUp, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, FIRST_PASS_MS)
      await Promise.race([firstPass, timeIsUp])
      clearTimeout(timer)
    },
    /** Waits for the passes in hand and for orders that were answered and are not at rest. */
    async stop(): Promise<void> {
      await firstPass
      await Promise.all(jobs.map((job) => job.stop()))
      await orders.idle()
    },
  }
}

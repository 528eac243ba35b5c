import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import { CLOCK_SKEW_MS, type Nodes } from '../../kernel/nodes.ts'
import { pagesOf } from '../../storage/list-all.ts'
import type { Reservation } from '../../storage/stock.ts'
import type { Collection, ListQuery } from '../../storage/storage.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { expired } from './change-rules.ts'
import type { Driver } from './driver.ts'
import { awaitsCustomer } from './payment-rules.ts'
import { LEASE_MS, LONGEST_WAIT_MS, type Order } from './schema.ts'
import { isDriven, isOver, isWaiting } from './step-rules.ts'
import { STUCK_MS } from './trouble-rules.ts'

export interface UpkeepNeeds {
  orders: Pick<Collection<Order>, 'list' | 'getMany' | 'replace'>
  inventory: Pick<Inventory, 'release' | 'eachReservation'>
  driver: Driver
  nodes: Nodes
  clock: Clock
  logger: Logger
}

export interface Recovered {
  /** Orders that somebody had left half-way. */
  found: number
  /** Those that have to wait, as for a SKU that a human must look at. */
  waiting: number
}

const PAGE = 500
const AT_ONCE = 64

/** What keeps orders from staying half-way; each may be run at any time and again. */
export function createUpkeep({ orders, inventory, driver, nodes, clock, logger }: UpkeepNeeds) {
  /** Drives every order that nobody drives: left by a crash, by a failed write, by an earlier start. */
  async function recover(): Promise<Recovered> {
    const recovered: Recovered = { found: 0, waiting: 0 }
    const now = clock.now()
    // Leases of earlier starts of the only node are void although they have not run out. Orders that are taken
    // meanwhile are not for this pass.
    const before = nodes === 'one' ? now + LEASE_MS + 1 : now
    // Those behind it are from before the clock was put back.
    for (const range of [{ before }, { from: now + LONGEST_WAIT_MS + 1 }]) await recoverIn(range, recovered)
    return recovered
  }

  async function recoverIn(range: NonNullable<ListQuery['range']>, recovered: Recovered): Promise<void> {
    let read_at = clock.now()
    for await (const page of pagesOf(orders, { index: 'unsettled', range, limit: PAGE })) {
      const left = page.filter((order) => !isDriven(order, driver.mark()) && !isWaiting(order, clock.now()))
      recovered.found += left.length
      await eachOf(left, async (order) => {
        if (!(await finish(order, read_at))) recovered.waiting++
      })
      // Of the next page, which is read after this.
      read_at = clock.now()
    }
  }

  /** Cancels what was held for customers who did not pay in time; says how many. While the provider is asked, it waits. */
  async function expire(): Promise<number> {
    const range = { before: timestamp(clock.now()) }
    let gone = 0
    for await (const page of pagesOf(orders, { index: 'expiring', range, limit: PAGE })) {
      await eachOf(page.filter(awaitsCustomer), async (order) => {
        if (await expireOne(order)) gone++
      })
    }
    return gone
  }

  async function expireOne(order: Order): Promise<boolean> {
    const { document, events } = expired(order, driver.mark())
    try {
      await finish(await orders.replace(document, events), clock.now())
      return true
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return false
      throw error
    }
  }

  async function finish(order: Order, read_at: number): Promise<boolean> {
    try {
      await driver.advance(order, { read_at })
      return true
    } catch (error) {
      const stuck = clock.now() - Date.parse(order.updated_at) > STUCK_MS
      const details = {
        err: error,
        order_id: order.id,
        step: order.step,
        ...(stuck && { alert: 'order_stuck' }),
      }
      if (stuck) logger.error(details, 'an order has been half-way for over an hour')
      else logger.warn(details, 'an order waits')
      return false
    }
  }

  /** Releases reservations of orders that are over; there should be none. Says how many there were. */
  async function sweepReservations(): Promise<number> {
    const began = clock.now() - CLOCK_SKEW_MS
    // What came to rest since, by any node's clock, may have settled its reservations after they were read.
    const overSinceBefore = (order: Order) => isOver(order) && Date.parse(order.updated_at) < began
    let released = 0
    await inventory.eachReservation(async (page) => {
      const owners = await orders.getMany([...new Set(page.map(({ order_id }) => order_id))])
      const byId = new Map(owners.map((order) => [order.id, order]))
      for (const reservation of page) {
        const order = byId.get(reservation.order_id)
        if (!order)
          logger.error({ alert: 'reservation_without_order', reservation }, 'a reservation has no order')
        else if (overSinceBefore(order)) released += await release(reservation)
      }
    })
    return released
  }

  async function release({ order_id, product_id, sku, quantity }: Reservation): Promise<number> {
    logger.warn({ order_id, product_id, sku }, 'a reservation outlived its order and is released')
    await inventory.release({ order_id, lines: [{ product_id, sku, quantity }], actor: 'system' })
    return 1
  }

  /** When the order that has been half-way for longest last moved, in milliseconds; undefined when all rest. */
  async function oldestUnsettled(): Promise<number | undefined> {
    const { items } = await orders.list({ index: 'unsettled', limit: 1 })
    return items[0]?.lease && items[0].lease.until - LEASE_MS - CLOCK_SKEW_MS
  }

  return { recover, expire, sweepReservations, oldestUnsettled }
}

async function eachOf<T>(items: readonly T[], handle: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const work = async () => {
    for (const item of waiting) await handle(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Nodes } from '../../kernel/nodes.ts'
import { isStaff, type UserPrincipal } from '../../kernel/principal.ts'
import type { PaymentProvider } from '../../payments/provider.ts'
import type { Position, Storage } from '../../storage/storage.ts'
import type { Addresses } from '../addresses/addresses.ts'
import type { Carts } from '../carts/carts.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Settings } from '../settings/settings.ts'
import { createAnswering } from './answering.ts'
import { createBreaker } from './breaker.ts'
import { createChanging } from './changing.ts'
import { createCompareAndSet } from './compare-and-set.ts'
import { createDriver } from './driver.ts'
import { createOrderErasing } from './erasing.ts'
import { createHolds } from './holds.ts'
import type { OrderFilter } from './list-rules.ts'
import { createNoticing } from './noticing.ts'
import { createPaying } from './paying.ts'
import { MAX_UNPAID_ORDERS } from './payment-schema.ts'
import { createPayments } from './payments.ts'
import { createPlacing, type Placing } from './placing.ts'
import { createPurchases } from './purchases.ts'
import { createReading } from './reading.ts'
import { createReconciling } from './reconciling.ts'
import type { OrderCancel, OrderChange } from './requests-schema.ts'
import { createReturns } from './returns.ts'
import { ORDERS, type Order } from './schema.ts'
import { createTrouble } from './trouble.ts'
import { createUpkeep } from './upkeep.ts'
import { orderView } from './view-rules.ts'
import type { OrderView } from './view-schema.ts'

export interface OrdersOptions {
  storage: Pick<Storage, 'collection'>
  catalog: Pick<Catalog, 'sellables'>
  inventory: Pick<Inventory, 'reserve' | 'release' | 'commit' | 'restock' | 'takeIn' | 'eachReservation'>
  carts: Pick<Carts, 'forOrder' | 'emptying'>
  addresses: Pick<Addresses, 'find'>
  settings: Pick<Settings, 'rates'>
  nodes: Nodes
  clock: Clock
  logger: Logger
  /** The shop's; the only one that is sold in. */
  currency: string
  /** Owner of the leases of this start. */
  start_id: string
  /** Whoever charges cards; undefined where they are not taken. */
  provider: PaymentProvider | undefined
  /** How long stock is held for a card that was not charged, in seconds. */
  hold_ttl_seconds: number
  rate_limits: boolean
  /** Throws where somebody may not order; absent where everybody may. */
  assertMayOrder?(user_id: string): Promise<void>
}

export type Orders = ReturnType<typeof createOrders>

/** Orders: taken once, driven to rest by anyone, changed along their graph. Protocol: docs/checkout.md. */
export function createOrders(options: OrdersOptions) {
  const {
    catalog,
    inventory,
    carts,
    addresses,
    settings,
    nodes,
    clock,
    logger,
    currency,
    start_id,
    provider,
  } = options
  const orders = options.storage.collection(ORDERS)
  const breaker = createBreaker({ clock })
  const paying = createPaying({ provider, breaker, logger })
  const hold_ms = options.hold_ttl_seconds * 1_000
  const driver = createDriver({ orders, inventory, carts, nodes, paying, clock, start_id, hold_ms })
  const answering = createAnswering({ orders, driver, logger })
  const max_unpaid = options.rate_limits ? MAX_UNPAID_ORDERS : Number.POSITIVE_INFINITY
  const holds = createHolds({ orders, driver, logger, max_unpaid })
  const { place } = createPlacing({
    ...{ orders, catalog, carts, addresses, settings, driver, answering, currency, breaker, holds },
    provider: provider?.name,
  })
  const reading = createReading({ orders })
  const { visible } = reading
  const compareAndSet = createCompareAndSet({ orders, visible })
  const changing = createChanging({ compareAndSet, driver })
  const reconciling = createReconciling({ orders, provider, driver, clock, logger })
  const { hear } = createNoticing({ orders, driver, answering, reconciling, logger })
  const payments = createPayments({ compareAndSet, driver, answering, breaker, visible })
  const returns = createReturns({ compareAndSet, driver, answering })
  const seenBy = (principal: UserPrincipal) => (order: Order) =>
    orderView(order, { staff: isStaff(principal) })

  return {
    /** The new order or the refusal; `replayed` when the same request was answered before. */
    async place(placing: Placing) {
      await options.assertMayOrder?.(placing.user.id)
      const { order, refusal, replayed } = await place(placing)
      return order ? { order: seenBy(placing.user)(order), replayed } : { refusal, replayed }
    },
    /** Whoever's it is: for other parts of the shop, not for people. */
    find: (id: string) => orders.get(id),
    /** Throws `not_found`, also for somebody else's. */
    async get(principal: UserPrincipal, id: string): Promise<OrderView> {
      return seenBy(principal)(await reading.visible(principal, id))
    },
    /** Newest first; of customers their own, whatever the filter says. */
    async list(principal: UserPrincipal, filter: OrderFilter, page: { after?: Position; limit: number }) {
      const { items, next } = await reading.list(ownOnly(principal, filter), page)
      return { items: items.map(seenBy(principal)), next }
    },
    count: (principal: UserPrincipal, filter: OrderFilter) => reading.count(ownOnly(principal, filter)),
    /** Throws `transition_not_allowed` naming what is allowed. */
    async change(change: OrderRequest<OrderChange>): Promise<OrderView> {
      return seenBy(change.principal)(await changing.change(change))
    },
    /** Resolves when the stock is given back. Throws `transition_not_allowed`. */
    async cancel(change: OrderRequest<OrderCancel>): Promise<OrderView> {
      return seenBy(change.principal)(await changing.cancel(change))
    },
    /** Pays an order by card; throws `payment_declined`. */
    pay: payments.pay,
    payment: payments.get,
    refund: payments.refund,
    async recordCash(wish: Parameters<typeof payments.cash>[0]): Promise<OrderView> {
      return seenBy(wish.principal)(await payments.cash(wish))
    },
    requestReturn: returns.request,
    changeReturn: returns.change,
    /** Takes what the payment provider tells by itself; says what it came to. */
    hear,
    reconcile: reconciling.reconcile,
    ...createPurchases({ orders }),
    ...createTrouble({ orders, clock }),
    ...createUpkeep({ orders, inventory, driver, nodes, clock, logger }),
    /** What a person's orders tell of them. */
    persons: createOrderErasing({ orders, clock }),
    /** Resolves when no answered order is still on its way. */
    idle: answering.idle,
  }
}

export interface OrderRequest<Body> {
  principal: UserPrincipal
  id: string
  request: Body
  /** Stable over all repeats of the request. */
  operation: string
  expected_version?: number
}

function ownOnly(principal: UserPrincipal, filter: OrderFilter): OrderFilter {
  return isStaff(principal) ? filter : { ...filter, user_id: principal.id }
}

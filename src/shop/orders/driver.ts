import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Nodes } from '../../kernel/nodes.ts'
import { MAX_READING_AGE_MS } from '../../storage/stock.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Carts } from '../carts/carts.ts'
import type { Inventory, LineVerdict } from '../inventory/inventory.ts'
import { rejected } from './change-rules.ts'
import type { createPaying } from './paying.ts'
import { givesBack, isPaused, openOf } from './payment-rules.ts'
import { settledRefund, withRest } from './refund-rules.ts'
import { openRestocks, restockOf, wasTakenOver, withRestocked } from './restock-rules.ts'
import type { OrderReturn } from './return-schema.ts'
import type { Order } from './schema.ts'
import {
  type Commit,
  isWaiting,
  kept,
  type Mark,
  moveOn,
  passesThrough,
  rests,
  takesUpWish,
} from './step-rules.ts'
import { stepRule } from './steps.ts'
import { rejectionOf, stillToDo } from './verdict-rules.ts'

export interface DriverNeeds {
  orders: Pick<Collection<Order>, 'get' | 'replace'>
  inventory: Pick<Inventory, 'reserve' | 'release' | 'commit' | 'restock' | 'takeIn'>
  carts: Pick<Carts, 'emptying'>
  nodes: Nodes
  paying: ReturnType<typeof createPaying>
  clock: Clock
  start_id: string
  /** How long stock is held for a card that was not charged. */
  hold_ms: number
}

export interface Advance {
  until?: (order: Order) => boolean
  read_at?: number
}

/** Far above the longest way through the steps; what it bounds is a race that never ends. */
const MAX_MOVES = 24

export type Driver = ReturnType<typeof createDriver>

/** The only one that moves an order through its steps; any number may drive one order, any may stop half-way. */
export function createDriver(needs: DriverNeeds) {
  const { orders, inventory, carts, nodes, paying, clock, start_id, hold_ms } = needs
  const alone = nodes === 'one'

  function mark(): Mark {
    const now = clock.now()
    return {
      ...{ now, at: timestamp(now), owner: start_id, alone, hold_ms },
      newEventId: () => newId('evt', now),
      newPaymentId: () => newId('pay', now),
    }
  }

  /**
   * Drives the order until `until` holds or nothing is left to do now. What happens next is a function of the
   * order's state alone. `read_at` (ms) is when `order` was read. Throws `unavailable` when a step has to wait; recovery tries it again.
   */
  async function advance(
    order: Order,
    { until = rests, read_at = clock.now() }: Advance = {},
  ): Promise<Order> {
    let current = order
    let age_from = read_at
    for (let moves = 0; moves < MAX_MOVES; moves++) {
      if (until(current) || rests(current) || isWaiting(current, clock.now())) return current
      if (clock.now() - age_from > MAX_READING_AGE_MS) current = await read(current.id)
      const commit = await nextOf(current)
      current = commit ? await compareAndSet(commit) : await read(current.id)
      age_from = clock.now()
    }
    throw new Refusal(
      'unavailable',
      'order_in_motion',
      'This order is being changed by many at once; try again.',
    )
  }

  async function read(id: string): Promise<Order> {
    const order = await orders.get(id)
    if (!order) throw new Error(`order ${id} is gone while it was driven`)
    return order
  }

  /** The commit, or what somebody else made of the order first. */
  async function compareAndSet(commit: Commit): Promise<Order> {
    const { document, events } = withIdleSteps(commit)
    try {
      return await orders.replace(document, events)
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return read(document.id)
      throw error
    }
  }

  /** A step that has no work of its own is taken by the same write: both moves are made, or neither is. */
  function withIdleSteps({ document, events }: Commit): Commit {
    if (!passesThrough(document)) return { document, events }
    const next = moveOn(document, stepRule(document).next!, mark())
    return withIdleSteps({ document: next.document, events: [...events, ...next.events] })
  }

  /** Does the work of the step and says where it leads; undefined when the reading is out of date. */
  async function nextOf(order: Order): Promise<Commit | undefined> {
    if (takesUpWish(order)) return moveOn(order, 'REVERSING', mark())
    const refund = openOf(order, 'refund')
    const returned = openRestocks(order)
    // Goods do not wait for a provider that is not heard of, nor money for stock that cannot be changed.
    if (returned.length > 0 && (!refund || isPaused(order, clock.now()))) return restocked(order, returned)
    const { payment = refund && ('refund' as const), work, next } = stepRule(order)
    const paid = payment ? await paying.pay(order, payment, mark()) : { go: order }
    if ('stay' in paid) return paid.stay
    // What staff give back moves no step.
    if (refund?.request !== undefined) return settledRefund(paid.go, refund, mark())
    // Another one was refused, or has failed since: the rest is asked for before the order is over.
    if (givesBack(paid.go)) return withRest(paid.go, mark())
    if (work === 'reserve') return reserve(order)
    if (work) assertDone(order, await operate(order, work))
    return moveOn(paid.go, next!, mark())
  }

  async function reserve(order: Order): Promise<Commit | undefined> {
    const [verdicts, emptyCart] = await Promise.all([
      inventory.reserve(stockOf(order)),
      order.cart_claim ? carts.emptying(...claimed(order.cart_claim)) : undefined,
    ])
    // A tombstone: the order was settled after it was read.
    if (verdicts.some(({ verdict }) => verdict.result === 'settled')) return undefined
    const rejection = rejectionOf(verdicts)
    if (rejection) return rejected(order, rejection, mark())
    await emptyCart?.()
    return moveOn(order, 'RESERVED', mark())
  }

  /** Each return by itself: one whose stock cannot be changed keeps no other waiting. */
  async function restocked(order: Order, returned: readonly OrderReturn[]): Promise<Commit> {
    const putBack = wasTakenOver(order) ? inventory.takeIn : inventory.restock
    const verdicts = await Promise.all(returned.map((one) => putBack(restockOf(order, one))))
    const done = returned.filter((_, index) => !verdicts[index]!.some(stillToDo))
    if (done.length === 0) assertDone(order, verdicts.flat())
    return kept(withRestocked(order, done), mark())
  }

  function operate(order: Order, work: 'release' | 'commit' | 'restock'): Promise<LineVerdict[]> {
    if (work === 'restock') return inventory.restock({ ...stockOf(order), ref: order.id })
    return inventory[work](stockOf(order))
  }

  return { advance, mark }
}

function stockOf({ id, lines, user_id }: Order) {
  const kept = lines.map(({ product_id, sku, quantity }) => ({ product_id, sku, quantity }))
  return { order_id: id, lines: kept, actor: user_id }
}

function assertDone(order: Order, verdicts: readonly LineVerdict[]): void {
  const open = verdicts.filter(stillToDo)
  if (open.length === 0) return
  const what = open.map(({ product_id, sku, verdict }) => `${product_id}/${sku} ${verdict.result}`).join(', ')
  throw new Refusal('unavailable', 'order_waits', `The order ${order.id} waits at ${order.step}: ${what}.`)
}

/** Cart id and version of a claim. */
export function claimed(claim: string): [cart_id: string, version: number] {
  const at = claim.lastIndexOf('@')
  return [claim.slice(0, at), Number(claim.slice(at + 1))]
}

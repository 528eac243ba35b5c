import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { pagesOf } from '../../storage/list-all.ts'
import type { Collection } from '../../storage/storage.ts'
import { hasPerson, isDone, withoutPerson } from './erasing-rules.ts'
import type { Order } from './schema.ts'
import { orderView } from './view-rules.ts'
import type { OrderView } from './view-schema.ts'

const PAGE = 100
const MAX_TRIES = 8
/** Orders that a refusal names. */
const NAMED = 20

export interface OrderErasingNeeds {
  orders: Pick<Collection<Order>, 'get' | 'list' | 'replace'>
  clock: Clock
}

/** What is known of a person by their orders, and how the orders come to be without them. */
export function createOrderErasing({ orders, clock }: OrderErasingNeeds) {
  /** Every order of a customer, oldest first; also those that never got their stock. */
  async function* ordersOf(user_id: string): AsyncGenerator<Order> {
    for await (const page of pagesOf(orders, { index: 'owner', equal: [user_id], limit: PAGE })) yield* page
  }

  /** Takes the person out of one order; false while it is not done with. */
  async function clear(order: Order): Promise<boolean> {
    let current: Order | undefined = order
    for (let tries = 0; current && tries < MAX_TRIES; tries++) {
      if (!isDone(current)) return false
      if (!hasPerson(current)) return true
      try {
        await orders.replace({ ...withoutPerson(current), updated_at: timestamp(clock.now()) })
        return true
      } catch (error) {
        if (!isRefusal(error, 'version_moved')) throw error
        current = await orders.get(order.id)
      }
    }
    return false
  }

  return {
    ids: async function* (user_id: string): AsyncGenerator<string> {
      for await (const { id } of ordersOf(user_id)) yield id
    },

    /** Throws `open_orders`, naming them, as long as a customer has orders that are not done with. */
    async demandDone(user_id: string): Promise<void> {
      const open: Order[] = []
      for await (const order of ordersOf(user_id)) if (order.placed_at && !isDone(order)) open.push(order)
      if (open.length > 0) throw openOrders(open)
    },

    /** The orders as their customer sees them, oldest first. */
    known: async function* (user_id: string): AsyncGenerator<OrderView> {
      for await (const order of ordersOf(user_id)) yield orderView(order, { staff: false })
    },

    /** Takes the person out of every order that is done with, and throws `open_orders` when there are others. */
    async forget(user_id: string): Promise<void> {
      const open: Order[] = []
      for await (const order of ordersOf(user_id)) if (!(await clear(order))) open.push(order)
      if (open.length > 0) throw openOrders(open)
    },
  }
}

function openOrders(open: readonly Order[]): Refusal {
  const named = open.slice(0, NAMED).map(({ id, number, status }) => ({ id, number, status }))
  return new Refusal(
    'conflict',
    'open_orders',
    'There are orders that are not done with; `orders` names them. Deliver or cancel them, and settle their returns.',
    { extra: { orders: named } },
  )
}

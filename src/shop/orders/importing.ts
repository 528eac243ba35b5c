import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId, withPrefix } from '../../kernel/ids.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Users } from '../users/users.ts'
import { assertHistorical, type HistoricalOrder, historicalOrder } from './import-rules.ts'
import { type ImportKind, OrderRow } from './import-schema.ts'
import { newOrderNumber } from './number.ts'
import { createdEvent } from './order-event-rules.ts'
import { type New, ORDERS, type Order } from './schema.ts'

export interface OrderImportingNeeds {
  storage: Pick<Storage, 'collection'>
  catalog: Pick<Catalog, 'idOfSku'>
  users: Pick<Users, 'findByEmail'>
  clock: Clock
}

/** Numbers are random, so now and then one is taken. */
const MAX_NUMBERS = 5

/** Orders of another shop, each of them once. */
export function createOrderImporting({
  storage,
  catalog,
  users,
  clock,
}: OrderImportingNeeds): ImportKind<OrderRow> {
  const orders = storage.collection(ORDERS)

  async function customerOf({ email }: OrderRow): Promise<Pick<HistoricalOrder, 'user_id' | 'confirmed'>> {
    if (email === undefined) return { user_id: undefined, confirmed: false }
    const user = await users.findByEmail(email)
    if (user) return { user_id: user.id, confirmed: user.email_verified_at !== undefined }
    throw new Refusal(
      'unprocessable',
      'customer_not_found',
      'Nobody has an account with this e-mail; leave it out for an order of nobody.',
    )
  }

  async function productsOf({ items }: OrderRow): Promise<Map<string, string>> {
    const skus = [...new Set(items.map(({ sku }) => sku))]
    const ids = await Promise.all(skus.map(async (sku) => [sku, await catalog.idOfSku(sku)] as const))
    return new Map(ids.filter((entry): entry is [string, string] => entry[1] !== undefined))
  }

  /** False when the order is there. */
  async function insert(order: New<Order>, actor: string): Promise<boolean> {
    const now = clock.now()
    const mark = { now, newEventId: () => newId('evt', now) }
    try {
      await orders.insert(order, [createdEvent(order as Order, mark, actor)])
      return true
    } catch (error) {
      if (!isRefusal(error, 'duplicate')) throw error
      if (error.details.extra?.index === 'number') throw error
      return false
    }
  }

  return {
    row: OrderRow,
    keyOf: ({ external_id }) => external_id,
    keysOf: ({ external_id }) => [external_id],
    async apply(row, by) {
      assertHistorical(row, clock.now())
      const known = await orders.getBy('external', [row.external_id])
      if (known)
        return {
          result: known.id === withPrefix(by.operation_id, 'ord') ? 'created' : 'unchanged',
          id: known.id,
        }
      const [customer, product_ids] = await Promise.all([customerOf(row), productsOf(row)])
      if (by.dry_run) return { result: 'created', id: null }
      for (let attempt = 1; ; attempt++) {
        const given = { row, number: newOrderNumber(), ...customer, product_ids }
        const order = historicalOrder(given, by, timestamp(clock.now()))
        try {
          if (await insert(order, by.actor)) return { result: 'created', id: order.id }
          const other = await orders.getBy('external', [row.external_id])
          return { result: other?.id === order.id ? 'created' : 'unchanged', id: other?.id ?? order.id }
        } catch (error) {
          if (!isRefusal(error, 'duplicate') || attempt === MAX_NUMBERS) throw error
        }
      }
    },
  }
}

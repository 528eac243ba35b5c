import type { OrderReturn } from './return-schema.ts'
import type { Order } from './schema.ts'

/** The returns whose goods are to be put back into the stock. */
export function openRestocks({ returns = [] }: Pick<Order, 'returns'>): OrderReturn[] {
  return returns.filter(({ restock }) => restock === 'due')
}

/** Whether another shop sold it: its pieces never were in the books of this one, so none of those that were sold come back. */
export function wasTakenOver({ external_id }: Pick<Order, 'external_id'>): boolean {
  return external_id !== undefined
}

/** What the stock is asked for, once for each return: its id is the `ref`. In the hand of who received the goods. */
export function restockOf({ id: order_id }: Pick<Order, 'id'>, { id, lines, history }: OrderReturn) {
  const actor = history.find(({ state }) => state === 'received')!.by
  const kept = lines.filter(({ restocked = 0 }) => restocked > 0)
  return {
    ...{ order_id, actor, ref: id },
    lines: kept.map(({ product_id, sku, restocked }) => ({ product_id, sku, quantity: restocked! })),
  }
}

/** The order once the goods of these returns are back in the stock. */
export function withRestocked(order: Order, done: readonly OrderReturn[]): Order {
  const ids = new Set(done.map(({ id }) => id))
  const returns = order.returns!.map((one) => (ids.has(one.id) ? { ...one, restock: 'done' as const } : one))
  return { ...order, returns }
}

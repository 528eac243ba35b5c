import type { OrderReturn } from './return-schema.ts'
import type { Order } from './schema.ts'

/** The return whose goods are to be put back into the stock: the first of several. */
export function openRestock({ returns }: Pick<Order, 'returns'>): OrderReturn | undefined {
  return returns?.find(({ restock }) => restock === 'due')
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

/** The order once the goods of a return are back in the stock. */
export function withRestocked(order: Order, { id }: OrderReturn): Order {
  const returns = order.returns!.map((one) => (one.id === id ? { ...one, restock: 'done' as const } : one))
  return { ...order, returns }
}

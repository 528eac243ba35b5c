import type { OrderView } from './view-schema.ts'

const OF_ORDER = [
  'number',
  'id',
  'external_id',
  'created_at',
  'status',
  'payment_status',
  'payment_method',
  'user_id',
  'currency',
  'subtotal',
  'discount',
  'shipping',
  'tax',
  'tax_included',
  'total',
  'refunded',
  'name',
  'line1',
  'line2',
  'city',
  'region',
  'postal_code',
  'country',
  'phone',
  'note',
] as const
const OF_LINE = ['product_id', 'sku', 'item', 'options', 'quantity', 'unit_price', 'line_total'] as const

/** The columns of the table of orders: amounts are minor units. */
export const ORDER_COLUMNS = [...OF_ORDER, ...OF_LINE]

/** The order as rows of a table: one for each line, each with what belongs to the order. */
export function orderRows(order: OrderView): Record<string, string>[] {
  const whole = orderCells(order)
  return order.items.map((item) => ({
    ...whole,
    ...{ product_id: item.product_id, sku: item.sku, item: item.name, options: JSON.stringify(item.options) },
    ...{
      quantity: String(item.quantity),
      unit_price: amount(item.unit_price),
      line_total: amount(item.line_total),
    },
  }))
}

function orderCells(order: OrderView): Record<(typeof OF_ORDER)[number], string> {
  const { number, id, created_at, status, payment_status, payment_method, user_id } = order
  const { name = '', line1 = '', line2 = '', city = '', region = '' } = order.shipping_address ?? {}
  const { postal_code = '', country = '', phone = '' } = order.shipping_address ?? {}
  return {
    ...{
      number,
      id,
      external_id: order.external_id ?? '',
      created_at,
      status,
      payment_status,
      payment_method,
      user_id,
    },
    ...{ currency: order.total.currency, subtotal: amount(order.subtotal), discount: amount(order.discount) },
    ...{ shipping: amount(order.shipping), tax: amount(order.tax), tax_included: amount(order.tax_included) },
    ...{ total: amount(order.total), refunded: String(refunded(order)) },
    ...{ name, line1, line2, city, region, postal_code, country, phone, note: order.note ?? '' },
  }
}

/** What was given back, as the ledger has it: below 0 there. */
function refunded({ ledger }: OrderView): number {
  return ledger.reduce((sum, entry) => sum - (entry.kind === 'refund' ? entry.amount.amount : 0), 0)
}

function amount(money: { amount: number }): string {
  return String(money.amount)
}

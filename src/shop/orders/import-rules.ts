import { type Fault, Refusal } from '../../kernel/errors.ts'
import { withPrefix } from '../../kernel/ids.ts'
import { isCountry } from './address-schema.ts'
import { countryOf } from './erasing-rules.ts'
import type { ApplyBy, OrderRow } from './import-schema.ts'
import { CASH_DESK } from './payment-schema.ts'
import { type New, NOBODY, type Order, type OrderLine } from './schema.ts'

/** What stands in a row, with what this shop knows of it. */
export interface HistoricalOrder {
  row: OrderRow
  number: string
  /** Undefined where the order is nobody's. */
  user_id: string | undefined
  /** Whether the account has confirmed the e-mail in the row, so that what the row says of a person is theirs. */
  confirmed: boolean
  /** By SKU; what this shop does not sell is not there. */
  product_ids: ReadonlyMap<string, string>
}

/** Throws what the schema of a row cannot say. `now` in milliseconds. */
export function assertHistorical(row: OrderRow, now: number): void {
  const errors: Fault[] = []
  const placed = Date.parse(row.placed_at)
  const delivered = Date.parse(row.delivered_at ?? row.placed_at)
  if (!(placed <= now))
    errors.push({ pointer: '/placed_at', code: 'in_future', message: 'must lie in the past' })
  if (!(delivered >= placed && delivered <= now))
    errors.push({
      pointer: '/delivered_at',
      code: 'out_of_order',
      message: 'must lie between `placed_at` and now',
    })
  const country = row.shipping_address?.country
  if (country !== undefined && !isCountry(country)) {
    const message = 'must be an ISO 3166-1 alpha-2 code'
    errors.push({ pointer: '/shipping_address/country', code: 'country', message })
  }
  const { total } = sumsOf(row)
  if (!Number.isSafeInteger(total) || total < 0)
    errors.push({
      pointer: '/items',
      code: 'amount',
      message: 'The sum is below 0 or too large to be counted exactly.',
    })
  else if (row.total !== undefined && row.total !== total)
    errors.push({
      pointer: '/total',
      code: 'differs',
      message: `Lines, shipping, tax and discount come to ${total}.`,
    })
  if (errors.length === 0) return
  throw new Refusal('invalid', 'invalid_row', 'The row does not fit; `errors` names each fault.', { errors })
}

/** The order as it stands in the history: delivered, paid, at rest, and without stock. */
export function historicalOrder(given: HistoricalOrder, by: ApplyBy, at: string): New<Order> {
  const { row, number, user_id = NOBODY } = given
  const placed_at = inUtc(row.placed_at)
  const sums = sumsOf(row)
  const hand = { by: by.actor, staff: true } as const
  return {
    id: withPrefix(by.operation_id, 'ord'),
    ...{ created_at: placed_at, updated_at: at, number, external_id: row.external_id, user_id },
    lines: linesOf(given),
    currency: row.currency,
    ...sums,
    ...{ tax_included: 0, tax_rate_ppm: 0 },
    ...personal(given),
    payment_method: 'cash_on_delivery',
    payment_status: 'paid',
    payment: paidElsewhere(sums.total, by, placed_at),
    ...{ step: 'COMMITTED', status: 'delivered', placed_at },
    history: [
      { step: 'PENDING', status: 'pending', at: placed_at, by: user_id },
      { step: 'COMMITTED', status: 'delivered', at: inUtc(row.delivered_at ?? row.placed_at), ...hand },
    ],
  }
}

/**
 * Address and note, where they are known to be the account's. Anyone may sign up with another's e-mail before the import, and what
 * is nobody's would outlive every erasure: of those stays the country.
 */
function personal({ row, confirmed }: HistoricalOrder): Pick<Order, 'shipping_address' | 'note'> {
  const { shipping_address: address, note } = row
  return {
    ...(address && { shipping_address: confirmed ? address : countryOf(address) }),
    ...(confirmed && note && { note }),
  }
}

/** The money was taken by hand, as far as this shop can tell: so a refund is given by hand. */
function paidElsewhere(
  amount: number,
  { operation_id, actor }: ApplyBy,
  at: string,
): NonNullable<Order['payment']> {
  const id = withPrefix(operation_id, 'pay')
  const taken = { id, kind: 'capture', number: 1, state: 'done', amount, at, by: actor } as const
  return {
    provider: CASH_DESK,
    operations: [{ ...taken, request: operation_id }],
    captured: amount,
    refunded: 0,
  }
}

function linesOf({ row, product_ids }: HistoricalOrder): OrderLine[] {
  return row.items.map(({ sku, name, quantity, unit_price }) => ({
    ...{ product_id: product_ids.get(sku) ?? '', sku, name, options: {}, quantity, unit_price },
    ...{ line_total: quantity * unit_price, product_version: 0 },
  }))
}

function sumsOf({ items, shipping = 0, tax = 0, discount = 0 }: OrderRow) {
  const subtotal = items.reduce((sum, { quantity, unit_price }) => sum + quantity * unit_price, 0)
  return { subtotal, shipping, tax, discount, total: subtotal - discount + shipping + tax }
}

/** In UTC with milliseconds, so that times sort as text. */
function inUtc(time: string): string {
  return new Date(time).toISOString()
}

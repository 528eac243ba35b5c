import { type Fault, Refusal } from '../../kernel/errors.ts'
import { type Money, multiplyMoney } from '../../kernel/money.ts'
import type { SellableAnswer } from '../catalog/schema.ts'
import type { Charges } from '../settings/schema.ts'
import { isCountry } from './address-schema.ts'
import type { AddressedOrder, NewOrder } from './requests-schema.ts'
import {
  MAX_LINE_QUANTITY,
  MAX_ORDER_LINES,
  type New,
  type Order,
  type OrderLine,
  type StoredRefusal,
} from './schema.ts'
import { type Mark, withLease } from './step-rules.ts'

/** What is wanted of one product; a line without SKU means the only one. */
export interface Wanted {
  product_id: string
  sku?: string
  quantity: number
}

/** Throws what the request's schema cannot say. */
export function assertOrderable(
  request: NewOrder,
  { currency, cards }: { currency: string; cards: boolean },
): void {
  const errors: Fault[] = []
  if (!request.shipping_address && !request.shipping_address_id) {
    const message = 'This or `shipping_address_id` is required.'
    errors.push({ pointer: '/shipping_address', code: 'required', message })
  }
  for (const field of ['shipping_address', 'billing_address'] as const) {
    if (request[field] && request[`${field}_id`]) {
      const message = `not together with \`${field}\``
      errors.push({ pointer: `/${field}_id`, code: 'not_allowed', message })
    }
    const country = request[field]?.country
    if (country === undefined || isCountry(country)) continue
    const message = 'must be an ISO 3166-1 alpha-2 code'
    errors.push({ pointer: `/${field}/country`, code: 'country', message })
  }
  if (errors.length > 0) {
    throw new Refusal('invalid', 'invalid_body', 'The body does not fit; `errors` names each fault.', {
      errors,
    })
  }
  if (request.payment_method === 'card' && !cards) {
    throw new Refusal(
      'unprocessable',
      'payment_method_unavailable',
      'Cards are not taken; order with cash_on_delivery.',
    )
  }
  if (request.expected_total && request.expected_total.currency !== currency) {
    throw new Refusal('unprocessable', 'currency_mismatch', `This shop sells in ${currency}.`)
  }
}

/** The lines with their prices, one per SKU; throws naming every line that cannot be had. */
export function pricedLines(
  wanted: readonly Wanted[],
  answers: readonly SellableAnswer[],
  currency: string,
): OrderLine[] {
  const lines = new Map<string, OrderLine>()
  const missing: (Wanted & { reason: string })[] = []
  wanted.forEach((want, index) => {
    const answer = answers[index]!
    if (!answer.ok) {
      missing.push({ ...want, reason: answer.reason })
      return
    }
    const { product_id, sku, name, options, price, product_version } = answer.sellable
    if (price.currency !== currency) {
      throw new Refusal(
        'unprocessable',
        'currency_mismatch',
        `${name} is sold in ${price.currency}, this shop in ${currency}.`,
      )
    }
    if (price.amount === 0) {
      missing.push({ ...want, reason: 'free' })
      return
    }
    const key = `${product_id}/${sku}`
    const quantity = want.quantity + (lines.get(key)?.quantity ?? 0)
    const line_total = multiplyMoney(price, quantity).amount
    lines.set(key, {
      product_id,
      sku,
      name,
      options,
      quantity,
      unit_price: price.amount,
      line_total,
      product_version,
    })
  })
  if (missing.length > 0) throw notForSale(missing)
  return assertBounded([...lines.values()])
}

function notForSale(lines: (Wanted & { reason: string })[]): Refusal {
  const extra = { lines }
  const unclear = lines.find(({ reason }) => reason === 'sku_required' || reason === 'unknown_sku')
  if (unclear?.reason === 'sku_required') {
    const message = `The product ${unclear.product_id} is sold in several forms; name its sku.`
    return new Refusal('unprocessable', 'sku_required', message, { extra })
  }
  if (unclear) {
    const message = `The product ${unclear.product_id} has no such sku.`
    return new Refusal('unprocessable', 'unknown_sku', message, { extra })
  }
  const message = 'Something is not for sale; `lines` names it.'
  return new Refusal('conflict', 'product_not_for_sale', message, { extra })
}

function assertBounded(lines: OrderLine[]): OrderLine[] {
  if (lines.length > MAX_ORDER_LINES) {
    throw new Refusal('unprocessable', 'too_many_lines', `An order takes at most ${MAX_ORDER_LINES} lines.`)
  }
  if (lines.some(({ quantity }) => quantity > MAX_LINE_QUANTITY)) {
    throw new Refusal('unprocessable', 'line_full', `A line takes at most ${MAX_LINE_QUANTITY} pieces.`)
  }
  return lines
}

/** The sum of the lines; throws when it leaves what can be counted exactly. */
export function sumOf(lines: readonly OrderLine[]): number {
  const sum = lines.reduce((total, { line_total }) => total + line_total, 0)
  if (Number.isSafeInteger(sum)) return sum
  throw new Refusal('unprocessable', 'amount_too_large', 'The sum is larger than can be counted exactly.')
}

/** Throws when the customer was shown another total. */
export function assertExpected(
  expected: Money | undefined,
  { lines, charges }: Pick<OrderSeed, 'lines' | 'charges'>,
  currency: string,
): void {
  const money = (amount: number) => ({ amount, currency })
  const { shipping, tax, total } = charges
  if (!expected || expected.amount === total) return
  const items = lines.map(({ product_version: _, unit_price, line_total, ...line }) => ({
    ...line,
    unit_price: money(unit_price),
    line_total: money(line_total),
  }))
  throw new Refusal('conflict', 'price_changed', 'The total is not what was expected; nothing was ordered.', {
    extra: {
      items,
      subtotal: money(sumOf(lines)),
      shipping: money(shipping),
      tax: money(tax),
      total: money(total),
    },
  })
}

export interface OrderSeed {
  id: string
  number: string
  user_id: string
  request: AddressedOrder
  currency: string
  lines: OrderLine[]
  charges: Charges
  idem?: Order['idem']
  cart_claim?: string
  /** Of an order by card. */
  provider?: string
}

/** What is known of an order before its addresses are. */
export type UnaddressedSeed = Omit<OrderSeed, 'request'> & { request: Pick<NewOrder, 'payment_method'> }

/** The order as it is inserted: nothing reserved, known to nobody. */
export function pendingOrder(seed: OrderSeed, mark: Mark): New<Order> {
  const { request } = seed
  const order = {
    ...newOrder(seed, mark),
    ...(seed.cart_claim && { cart_claim: seed.cart_claim }),
    shipping_address: request.shipping_address,
    ...(request.billing_address && { billing_address: request.billing_address }),
    ...(request.note && { note: request.note }),
    ...(request.session_id && { session_id: request.session_id }),
    ...(request.anonymous_id && { anonymous_id: request.anonymous_id }),
    ...(seed.provider && {
      payment: { provider: seed.provider, operations: [], captured: 0, refunded: 0 },
    }),
    step: 'PENDING',
    status: 'pending',
    history: [{ step: 'PENDING', status: 'pending', at: mark.at, by: seed.user_id }],
  } satisfies New<Order>
  return withLease(order as unknown as Order, mark)
}

/** What remembers a request that was refused before anything was ordered, so that its repeat hears the same. */
export function refusedOrder(
  seed: Omit<UnaddressedSeed, 'lines' | 'charges'>,
  refusal: StoredRefusal,
  mark: Mark,
): New<Order> {
  return {
    ...newOrder({ ...seed, lines: [], charges: NO_CHARGES }, mark),
    step: 'CANCELLED',
    status: 'cancelled',
    result: { kind: 'refused', refusal },
    history: [{ step: 'CANCELLED', status: 'cancelled', at: mark.at, by: seed.user_id }],
  }
}

/** Of an order that is nothing but its refusal. */
const NO_CHARGES: Charges = { shipping: 0, tax: 0, tax_included: 0, tax_rate_ppm: 0, total: 0 }

function newOrder(seed: UnaddressedSeed, { at }: Mark) {
  const { id, number, user_id, request, currency, lines, charges, idem } = seed
  return {
    id,
    created_at: at,
    updated_at: at,
    number,
    user_id,
    ...(idem && { idem }),
    lines,
    currency,
    subtotal: sumOf(lines),
    discount: 0,
    ...charges,
    payment_method: request.payment_method,
    payment_status: 'unpaid' as const,
  }
}

/** A definite refusal that is kept with its key: not a fault of the request itself. */
export function isDefinite({ kind }: Refusal): boolean {
  return kind === 'conflict' || kind === 'not_found'
}

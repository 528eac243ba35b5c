import { Refusal } from '../../kernel/errors.ts'
import {
  type Cart,
  type CartLine,
  MAX_CART_LINES,
  MAX_CUT_LINES,
  MAX_LINE_QUANTITY,
  MAX_MERGED,
  type Sellable,
  type SellableAnswer,
} from './schema.ts'

export interface LineKey {
  product_id: string
  sku: string
}

/** The sellable of an answer, or the refusal that it means for the shopper. */
export function sellableOrRefusal(answer: SellableAnswer, currency: string): Sellable {
  if (!answer.ok) throw refusalOf(answer.reason)
  if (answer.sellable.price.currency !== currency) {
    throw new Refusal('unprocessable', 'currency_mismatch', `This cart is in ${currency}.`)
  }
  return answer.sellable
}

function refusalOf(reason: Extract<SellableAnswer, { ok: false }>['reason']): Refusal {
  switch (reason) {
    case 'sku_required':
      return new Refusal(
        'unprocessable',
        'sku_required',
        'This product is sold in several forms; name its sku.',
      )
    case 'unknown_sku':
      return new Refusal('unprocessable', 'unknown_sku', 'This product has no such sku.')
    case 'free':
      return new Refusal('conflict', 'product_not_for_sale', 'This is shown, but it is not for sale.')
    default:
      // What is not for sale answers like what is not there.
      return new Refusal('not_found', 'product_not_found', 'There is no such product.')
  }
}

/** The lines with `quantity` more of a sellable. */
export function withAdded(lines: readonly CartLine[], sellable: Sellable, quantity: number): CartLine[] {
  const present = lines.find((line) => isLine(line, sellable))
  return withSet(lines, sellable, (present?.quantity ?? 0) + quantity)
}

/** The lines with exactly `quantity` of a sellable; a new line goes to the end. */
export function withSet(lines: readonly CartLine[], sellable: Sellable, quantity: number): CartLine[] {
  if (quantity > MAX_LINE_QUANTITY) {
    throw new Refusal('conflict', 'line_full', `A line takes at most ${MAX_LINE_QUANTITY} pieces.`)
  }
  const { product_id, sku, name, price } = sellable
  const line = { product_id, sku, quantity, name, price }
  if (lines.some((other) => isLine(other, line))) {
    return lines.map((other) => (isLine(other, line) ? line : other))
  }
  if (lines.length >= MAX_CART_LINES) {
    throw new Refusal('conflict', 'cart_full', `A cart takes at most ${MAX_CART_LINES} lines.`)
  }
  return [...lines, line]
}

/** The lines without one SKU, or without all SKUs of a product when none is named. */
export function without(lines: readonly CartLine[], product_id: string, sku: string | undefined): CartLine[] {
  return lines.filter((line) => line.product_id !== product_id || (sku !== undefined && line.sku !== sku))
}

/** The lines without the only SKU of a product that they hold, or without the one that is named. */
export function withoutOne(
  lines: readonly CartLine[],
  product_id: string,
  sku: string | undefined,
): CartLine[] {
  const several = lines.filter((line) => line.product_id === product_id).length > 1
  if (several && sku === undefined) throw refusalOf('sku_required')
  return without(lines, product_id, sku)
}

/** The SKU that a change of a product means when it names none: the only one of it in the cart, if it is one. */
export function impliedSku(lines: readonly CartLine[], product_id: string): string | undefined {
  const own = lines.filter((line) => line.product_id === product_id)
  return own.length === 1 ? own[0]!.sku : undefined
}

/** Whether both hold the same pieces at the same prices. */
export function sameLines(lines: readonly CartLine[], others: readonly CartLine[]): boolean {
  return (
    lines.length === others.length &&
    lines.every((line, index) => {
      const other = others[index]!
      return (
        isLine(line, other) && line.quantity === other.quantity && line.price.amount === other.price.amount
      )
    })
  )
}

/** Refuses a change of a cart that is no longer what the caller saw; one that is not there has version 0. */
export function assertVersion(expected: number | undefined, cart: Pick<Cart, 'version'> | undefined): void {
  if (expected === undefined || expected === (cart?.version ?? 0)) return
  throw new Refusal(
    'version_conflict',
    'version_moved',
    'The cart has changed since you read it; read it again.',
  )
}

/**
 * The user's cart with the lines of a guest's cart, at most once for each guest cart; null when it has taken
 * them before. Sums are capped; what is cut off is kept for the shopper to see.
 */
export function mergedCart<C extends Pick<Cart, 'lines' | 'merged' | 'cut'>>(cart: C, guest: Cart): C | null {
  if (cart.merged.includes(guest.id)) return null
  const lines = [...cart.lines]
  const cut = [...(cart.cut ?? [])]
  for (const line of guest.lines) {
    const { product_id, sku } = line
    const at = lines.findIndex((other) => isLine(other, line))
    const present = lines[at]
    if (!present && lines.length >= MAX_CART_LINES) {
      cut.push({ product_id, sku, quantity: line.quantity })
      continue
    }
    const wanted = (present?.quantity ?? 0) + line.quantity
    const quantity = Math.min(wanted, MAX_LINE_QUANTITY)
    if (quantity < wanted) cut.push({ product_id, sku, quantity: wanted - quantity })
    if (present) lines[at] = { ...present, quantity }
    else lines.push({ ...line, quantity })
  }
  const merged = [guest.id, ...cart.merged].slice(0, MAX_MERGED)
  return { ...cart, lines, merged, ...(cut.length > 0 && { cut: cut.slice(-MAX_CUT_LINES) }) }
}

export function isLine(line: LineKey, other: LineKey): boolean {
  return line.product_id === other.product_id && line.sku === other.sku
}

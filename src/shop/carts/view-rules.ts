import { addMoney, type Money, multiplyMoney } from '../../kernel/money.ts'
import {
  type Cart,
  type CartCharges,
  type CartItemView,
  type CartLine,
  type CartView,
  type CartWarning,
  type SellableAnswer,
  SHOPPER_AVAILABLE_CAP,
  type StockLevel,
} from './schema.ts'

/** What a cart is shown with: an answer of the catalogue and a stock level for each line, in their order. */
export interface Surroundings {
  sellables: readonly SellableAnswer[]
  levels: readonly (StockLevel | undefined)[]
  currency: string
  /** Staff see all that is available. */
  uncapped: boolean
}

type Content = Pick<CartView, 'items' | 'item_count' | 'subtotal'>

/** Lines with the prices and the stock of now. */
export function contentOf(lines: readonly CartLine[], around: Surroundings): Content {
  const items = lines.map((line, index) =>
    itemView(line, around.sellables[index]!, around.levels[index]?.available ?? 0, around),
  )
  return {
    items,
    item_count: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    subtotal: items.reduce<Money>(
      (sum, { line_total }) => (line_total ? addMoney(sum, line_total) : sum),
      nothing(around.currency),
    ),
  }
}

/** The cart as its owner sees it. */
export function viewOf(
  { id, version, created_at, updated_at, cut = [] }: Omit<Cart, 'lines'>,
  content: Content,
  charges: CartCharges | null = null,
): CartView {
  return { id, version, created_at, updated_at, ...content, charges, warnings: cut.map(cutWarning) }
}

/** What a shopper sees who has not put anything into a cart yet. */
export function emptyView(currency: string): CartView {
  return {
    id: null,
    version: 0,
    created_at: null,
    updated_at: null,
    items: [],
    item_count: 0,
    subtotal: nothing(currency),
    charges: null,
    warnings: [],
  }
}

function nothing(currency: string): Money {
  return { amount: 0, currency }
}

function itemView(
  line: CartLine,
  answer: SellableAnswer,
  available: number,
  { currency, uncapped }: Surroundings,
): CartItemView {
  const { product_id, sku, quantity } = line
  if (!answer.ok || answer.sellable.price.currency !== currency) {
    const gone: CartWarning = { code: 'gone', message: 'This is no longer sold.' }
    return {
      ...{ product_id, sku, slug: null, name: line.name, image: null, options: {}, quantity },
      ...{ unit_price: null, line_total: null, available: 0, warnings: [gone] },
    }
  }
  const { slug, name, image, options, price } = answer.sellable
  return {
    ...{ product_id, sku, slug, name, image, options, quantity },
    unit_price: price,
    line_total: multiplyMoney(price, quantity),
    available: uncapped ? available : Math.min(available, SHOPPER_AVAILABLE_CAP),
    warnings: [...priceWarnings(line, price), ...stockWarnings(quantity, available)],
  }
}

function priceWarnings(line: CartLine, price: Money): CartWarning[] {
  if (line.price.amount === price.amount && line.price.currency === price.currency) return []
  const message = 'The price has changed since this was added.'
  return [{ code: 'price_changed', message, previous_unit_price: line.price }]
}

function stockWarnings(quantity: number, available: number): CartWarning[] {
  if (available === 0) return [{ code: 'out_of_stock', message: 'This is out of stock.' }]
  if (available >= quantity) return []
  return [{ code: 'insufficient_stock', message: 'There are fewer in stock than in the cart.' }]
}

function cutWarning(cut: { product_id: string; sku: string; quantity: number }): CartWarning {
  const message = 'This did not fit when the carts were joined at sign-in.'
  return { code: 'cut_off_by_merge', message, ...cut }
}

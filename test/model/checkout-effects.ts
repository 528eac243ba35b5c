import { addOnce, type Flag, type State, type Stock } from './checkout-state.ts'

type Flags = Partial<Record<Flag, true>>

/** Takes a unit for the order; false when it may not have one. */
export function reserve(flags: Flags, stock: Stock, order: number): boolean {
  if (stock.reserved.includes(order)) return true
  if (flags.tomb && stock.tombs.includes(order)) return false
  if (stock.available < 1) return false
  stock.available--
  addOnce(stock.reserved, order)
  return true
}

export function release(flags: Flags, stock: Stock, order: number): void {
  if (take(stock, order)) stock.available++
  bury(flags, stock, order)
}

export function commit(flags: Flags, stock: Stock, order: number): void {
  if (take(stock, order)) stock.sold++
  bury(flags, stock, order)
}

export function restock(flags: Flags, stock: Stock, ref: number): void {
  if (stock.refs.includes(ref) || stock.sold < 1) return
  stock.sold--
  stock.available++
  if (!flags.noRef) addOnce(stock.refs, ref)
}

function take(stock: Stock, order: number): boolean {
  const at = stock.reserved.indexOf(order)
  if (at < 0) return false
  stock.reserved.splice(at, 1)
  return true
}

function bury(flags: Flags, stock: Stock, order: number): void {
  if (flags.tomb) addOnce(stock.tombs, order)
}

/** The provider authorises, unless its object was cancelled before. */
export function authorise(flags: Flags, state: State, order: number): boolean {
  const payment = state.provider[order]!
  if (payment[0] === 'canceled' && flags.pi) return false
  if (payment[0] === 'none' || payment[0] === 'canceled') payment[0] = 'authed'
  return true
}

export function capture(state: State, order: number): boolean {
  const payment = state.provider[order]!
  if (payment[0] === 'authed') {
    payment[0] = 'captured'
    payment[1]++
  }
  return payment[0] === 'captured'
}

export function refund(flags: Flags, state: State, order: number): void {
  const payment = state.provider[order]!
  if (payment[0] === 'captured') payment[0] = 'refunded'
  else if (flags.revEarly && payment[0] === 'authed') payment[0] = 'canceled'
}

/** Gives an authorisation back; false when the money was already taken. */
export function voidPayment(flags: Flags, state: State, order: number): boolean {
  const payment = state.provider[order]!
  if (payment[0] === 'authed' || (payment[0] === 'none' && flags.pi)) payment[0] = 'canceled'
  return payment[0] !== 'captured'
}

/** Empties the cart that the order came from, unless somebody changed it since. */
export function emptyCart(state: State, order: number): void {
  if (state.cart.version !== state.origins[order]) return
  state.cart.version++
  state.cart.full = false
}

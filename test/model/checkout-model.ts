import { drive, RETURNING } from './checkout-driver.ts'
import { release, voidPayment } from './checkout-effects.ts'
import {
  addOnce,
  type Driver,
  type Flag,
  initialState,
  isOver,
  isReturning,
  type Setting,
  type State,
  type Step,
} from './checkout-state.ts'
import type { Edge, Model } from './explore.ts'

/** Orders, drivers that any may crash, stock and a provider: every interleaving of a small shop. */
export function checkoutModel(setting: Setting): Model<State> {
  return {
    init: initialState(setting),
    next: (state) => next(setting, state),
    always: (state) => always(setting, state),
    atRest: (state) => atRest(setting, state),
    isWish: (action) => /^(cancel|reverse|wish|ship|return|ttl|add)/.test(action),
  }
}

/** Reads `flags orders drivers crashes timeouts stock cancels skus`, as `tomb,pi 2 2 1 1 1 1 1`. */
export function parseSetting(text: string): Setting {
  const [names = '', ...sizes] = text.split(' ')
  const flags = Object.fromEntries(names.split(',').map((name) => [name as Flag, true as const]))
  const [orders, drivers, crashes, timeouts, stock, cancels, skus] = sizes.map(Number)
  return {
    flags,
    orders: orders!,
    drivers: drivers!,
    crashes: crashes!,
    timeouts: timeouts!,
    stock: stock!,
    cancels: cancels!,
    skus: skus!,
  }
}

function next(setting: Setting, state: State): Edge<State>[] {
  const edges: Edge<State>[] = []
  const add = (name: string, effect: (next: State) => unknown) => {
    const copy = JSON.parse(JSON.stringify(state)) as State
    if (effect(copy) !== false) edges.push([name, copy])
  }
  for (let order = 0; order < setting.orders; order++) wishes(setting, state, order, add)
  for (let at = 0; at < setting.drivers; at++) turns(setting, state, at, add)
  return edges
}

type Add = (name: string, effect: (next: State) => unknown) => void

/** What customers, staff and sweepers do to an order. */
function wishes({ flags, skus }: Setting, state: State, order: number, add: Add) {
  const step = state.orders[order]!
  const mayCancel = state.cancels[order]! > 0
  const shipped = state.shipped.includes(order)
  const wished = state.wishes.includes(order)
  const hidden = (flags.cash || flags.cart) && !flags.cancelHidden
  const cancellable = hidden ? ['RESERVED', 'AUTHORIZING'] : ['PENDING', 'RESERVED', 'AUTHORIZING']
  const cancel = (after: (next: State) => void) => (next: State) => {
    next.cancels[order]!--
    after(next)
  }
  if (mayCancel && cancellable.includes(step)) {
    add(
      `cancel${order}`,
      cancel((next) => {
        next.orders[order] = 'CANCELLING'
        freeClaim(flags, next, order, step)
      }),
    )
  }
  if (
    flags.rev &&
    mayCancel &&
    !shipped &&
    !wished &&
    (step === 'PAID' || (flags.revEarly && (step === 'CONFIRMED' || step === 'CAPTURED')))
  ) {
    add(
      `reverse${order}`,
      cancel((next) => {
        next.orders[order] = 'REVERSING'
      }),
    )
  }
  if (flags.wish && mayCancel && !shipped && !wished && (step === 'CONFIRMED' || step === 'CAPTURED')) {
    add(
      `wish${order}`,
      cancel((next) => addOnce(next.wishes, order)),
    )
  }
  const shippable = ['CONFIRMED', 'CAPTURED', 'PAID'].includes(step) && !wished
  if (flags.ship && !shipped && (shippable || (flags.shipBlind && ['PAID', 'REVERSING'].includes(step)))) {
    add(`ship${order}`, (next) => addOnce(next.shipped, order))
  }
  if (flags.ret && step === 'PAID' && shipped && !state.returned.includes(order)) {
    add(`return${order}`, (next) => addOnce(next.returned, order))
  }
  if (order === 0 && state.cart.changes > 0) {
    add('addToCart', (next) => {
      next.cart = { version: next.cart.version + 1, full: true, changes: next.cart.changes - 1 }
    })
  }
  for (let sku = 0; sku < skus; sku++) {
    if (!state.stock[sku]!.reserved.includes(order)) continue
    if (flags.sweep && isOver(state, order))
      add(`sweep${order}/${sku}`, (next) => release(flags, next.stock[sku]!, order))
    if (state.ttl > 0)
      add(`ttl${order}/${sku}`, (next) => {
        next.ttl--
        release(flags, next.stock[sku]!, order)
      })
  }
  if (flags.psweep && step === 'CANCELLED' && state.provider[order]![0] === 'authed') {
    add(`psweep${order}`, (next) => {
      voidPayment(flags, next, order)
    })
  }
}

/** Only an order that never was RESERVED gives its cart version back: a shopper may still hold a reading of it. */
function freeClaim(flags: Setting['flags'], state: State, order: number, from: Step) {
  if (from === 'PENDING' || flags.claimFreed) state.claims[order] = null
}

/** What one driver may do: take up an order, crash, or go on with what it read. */
function turns(setting: Setting, state: State, at: number, add: Add) {
  const driver = state.drivers[at]
  if (!driver) {
    for (let order = 0; order < setting.orders; order++) {
      if (isOver(state, order)) continue
      add(`d${at}.read${order}`, (next) => {
        const mark = isReturning(next, order) ? RETURNING : 0
        next.drivers[at] = { order, step: next.orders[order]!, sku: 0, mark }
      })
    }
    return
  }
  if (state.crashes > 0)
    add(`d${at}.CRASH`, (next) => {
      next.crashes--
      next.drivers[at] = null
    })
  const name = (action: string) => `d${at}.${action}:${driver.order}`
  drive({
    setting,
    state,
    driver,
    step: (action, effect) => add(name(action), (next) => effect(next, next.drivers[at] as Driver)),
    giveUp: (action, effect) =>
      add(name(action), (next) => {
        effect(next)
        next.drivers[at] = null
      }),
    move: (from, to) =>
      add(name(`cas:${to}`), (next) => {
        if (next.orders[driver.order] === from) {
          next.orders[driver.order] = to
          if (to === 'CANCELLING') freeClaim(setting.flags, next, driver.order, from)
          if (to === 'REVERSING') next.wishes = next.wishes.filter((order) => order !== driver.order)
          if (to === 'RESERVED' && setting.flags.cart) addOnce(next.reached, driver.order)
        }
        next.drivers[at] = null
      }),
  })
}

function always({ flags, stock: units }: Setting, state: State): string | undefined {
  if (state.bad) return state.bad
  for (const { available, reserved, sold } of state.stock) {
    if (available < 0 || available + reserved.length + sold !== units) return 'stock not conserved'
  }
  if (state.provider.some(([, captures]) => captures > 1)) return 'captured twice'
  const promised = state.orders.filter((step) => ['CONFIRMED', 'CAPTURED', 'PAID'].includes(step)).length
  if (state.stock.some(({ refs }) => promised - refs.filter((ref) => ref >= RETURNING).length > units))
    return 'oversold'
  if (state.orders.some((step, order) => step === 'CANCELLED' && state.provider[order]![1] > 0))
    return 'captured and cancelled'
  if (state.shipped.some((order) => ['REVERSING', 'REVERSED'].includes(state.orders[order]!)))
    return 'shipped and given back'
  if (!flags.cart) return undefined
  const ordered = state.reached.map((order) => state.origins[order])
  if (new Set(ordered).size < ordered.length) return 'a cart was ordered twice'
  return undefined
}

function atRest({ flags }: Setting, state: State): string | undefined {
  const provider = (order: number) => state.provider[order]![0]
  const cash = flags.cod || flags.cash
  if (!cash && state.orders.some((step, order) => step === 'PAID' && provider(order) !== 'captured'))
    return 'paid without capture'
  if (
    !cash &&
    state.orders.some(
      (step, order) => step === 'REVERSED' && !['refunded', 'canceled'].includes(provider(order)),
    )
  ) {
    return 'reversed but not refunded'
  }
  if (
    state.orders.some(
      (step, order) => step === 'CANCELLED' && !['none', 'canceled'].includes(provider(order)),
    )
  )
    return 'orphan authorisation'
  const paid = state.orders.filter((step) => step === 'PAID').length
  for (const [sku, stock] of state.stock.entries()) {
    if (stock.reserved.length > 0) return 'leaked reservation'
    const back = sku === 0 ? state.returned.length : 0
    if (stock.sold !== paid - back) return 'sold differs from paid'
  }
  if (!flags.cart) return undefined
  if (state.reached.some((order) => state.cart.version <= state.origins[order]!))
    return 'ordered and still in the cart'
  const emptied = !state.cart.full
  if (emptied && state.reached.length === 0) return 'cart lost'
  return undefined
}

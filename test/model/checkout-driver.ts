import {
  authorise,
  capture,
  commit,
  emptyCart,
  refund,
  release,
  reserve,
  restock,
  voidPayment,
} from './checkout-effects.ts'
import { addOnce, type Driver, type Setting, type State, type Step } from './checkout-state.ts'

/** How one driver's possible next actions are told to the explorer. */
export interface Turn {
  setting: Setting
  state: State
  driver: Driver
  step(name: string, effect: (next: State, driver: Driver) => unknown): void
  /** The driver compares and sets the step that it read, and then looks again. */
  move(from: Step, to: Step): void
  /** The driver gives its work up, as after a time-out. */
  giveUp(name: string, effect: (next: State) => void): void
}

/** What a driver that read `driver.step` does next: the table of steps, as code. */
export function drive(turn: Turn) {
  const { setting, driver } = turn
  const { flags } = setting
  switch (driver.step) {
    case 'NEW':
      return insert(turn)
    case 'PENDING':
      return reserveAll(turn)
    case 'RESERVED':
      if (flags.emptyLate && driver.mark === 0)
        return turn.step('empty', (next, own) => {
          emptyCart(next, own.order)
          own.mark = 1
        })
      return turn.move('RESERVED', flags.cod || flags.cash ? 'CONFIRMED' : 'AUTHORIZING')
    case 'AUTHORIZING':
      return authoriseOnce(turn)
    case 'RELEASE_ONLY':
      return eachSku(
        turn,
        'release',
        (next, own) => release(flags, next.stock[own.sku]!, own.order),
        'CANCELLED',
      )
    case 'CONFIRMED':
      if (flags.cash)
        return eachSku(turn, 'commit', (next, own) => commit(flags, next.stock[own.sku]!, own.order), 'PAID')
      return captureOnce(turn)
    case 'CAPTURED':
      return eachSku(turn, 'commit', (next, own) => commit(flags, next.stock[own.sku]!, own.order), 'PAID')
    case 'PAID':
      if (driver.mark >= RETURNING) return restockReturn(turn)
      return turn.state.wishes.includes(driver.order)
        ? turn.move('PAID', 'REVERSING')
        : turn.giveUp('drop', () => {})
    case 'CANCELLING':
      return cancelAll(turn)
    case 'REVERSING':
      return reverseAll(turn)
    default:
      return turn.giveUp('drop', () => {})
  }
}

/** Reads the cart, then inserts the order with its claim on that version of it; the claim is a unique index. */
function insert({ state, driver, step, giveUp }: Turn) {
  if (driver.mark === 0) {
    if (!state.cart.full)
      return giveUp('cartEmpty', (next) => {
        if (next.orders[driver.order] === 'NEW') next.orders[driver.order] = 'REFUSED'
      })
    return step('readCart', (next, own) => {
      own.mark = next.cart.version
    })
  }
  giveUp('insert', (next) => {
    if (next.orders[driver.order] !== 'NEW') return
    const taken = next.claims.includes(driver.mark)
    next.orders[driver.order] = taken ? 'REFUSED' : 'PENDING'
    if (taken) return
    next.claims[driver.order] = driver.mark
    next.origins[driver.order] = driver.mark
  })
}

function reserveAll({ setting, driver, step, move }: Turn) {
  const { flags, skus } = setting
  if (driver.mark === 1) return move('PENDING', 'CANCELLING')
  if (driver.sku >= skus) {
    if (flags.cart && !flags.emptyLate && driver.mark === 0)
      return step('empty', (next, own) => {
        emptyCart(next, own.order)
        own.mark = 3
      })
    return move('PENDING', 'RESERVED')
  }
  if (!flags.readCheck) {
    return step(`reserve${driver.sku}`, (next, own) => {
      if (reserve(flags, next.stock[own.sku]!, own.order)) own.sku++
      else own.mark = 1
    })
  }
  if (driver.mark === 0) {
    return step(`check${driver.sku}`, (next, own) => {
      const stock = next.stock[own.sku]!
      if (stock.reserved.includes(own.order)) own.sku++
      else if (stock.available < 1) own.mark = 1
      else Object.assign(own, { mark: 2, seen: stock.available })
    })
  }
  step(`write${driver.sku}`, (next, own) => {
    const stock = next.stock[own.sku]!
    if (!stock.reserved.includes(own.order)) {
      stock.available = own.seen! - 1
      addOnce(stock.reserved, own.order)
    }
    own.sku++
    own.mark = 0
  })
}

const AUTHORISED: Record<number, Step> = { 1: 'CONFIRMED', 2: 'CANCELLING', 3: 'RELEASE_ONLY' }

function authoriseOnce({ setting: { flags }, state, driver, step, move, giveUp }: Turn) {
  if (driver.mark > 0) return move('AUTHORIZING', AUTHORISED[driver.mark]!)
  step('auth', (next, own) => {
    own.mark = authorise(flags, next, own.order) ? 1 : 2
  })
  const refusable = state.provider[driver.order]![0] === 'none'
  // The order stays where it is, for another method; so does its object.
  if (flags.again) {
    if (refusable) giveUp('declined', () => {})
  } else
    step('declined', (next, own) => {
      const payment = next.provider[own.order]!
      if (payment[0] !== 'none') return false
      if (flags.pi) payment[0] = 'canceled'
      own.mark = 2
    })
  if (state.timeouts === 0) return
  for (const reached of [true, false]) {
    const effect = (next: State) => {
      next.timeouts--
      if (reached) authorise(flags, next, driver.order)
    }
    const name = reached ? 'authTimeoutDone' : 'authTimeoutLost'
    if (flags.timeoutMeansFailed)
      step(name, (next, own) => {
        effect(next)
        own.mark = 3
      })
    else giveUp(name, effect)
  }
}

function captureOnce({ setting: { flags }, state, driver, step, move, giveUp }: Turn) {
  if (driver.mark || flags.cod) return move('CONFIRMED', 'CAPTURED')
  step('capture', (next, own) => {
    if (!capture(next, own.order) && !flags.rev) next.bad = `capture on ${next.provider[own.order]![0]}`
    own.mark = 1
  })
  if (state.timeouts > 0)
    giveUp('captureTimeoutDone', (next) => {
      next.timeouts--
      capture(next, driver.order)
    })
}

function cancelAll(turn: Turn) {
  const { flags } = turn.setting
  if (!turn.driver.mark && !flags.cash) {
    return turn.step('void', (next, own) => {
      if (!voidPayment(flags, next, own.order)) next.bad = 'void of captured'
      own.mark = 1
    })
  }
  eachSku(turn, 'release', (next, own) => release(flags, next.stock[own.sku]!, own.order), 'CANCELLED')
}

function reverseAll(turn: Turn) {
  const { flags } = turn.setting
  if (!turn.driver.mark && !flags.cash)
    return turn.step('refund', (next, own) => {
      refund(flags, next, own.order)
      own.mark = 1
    })
  const giveBack = (next: State, own: Driver) => {
    const stock = next.stock[own.sku]!
    if (flags.revEarly && stock.reserved.includes(own.order)) release(flags, stock, own.order)
    else restock(flags, stock, own.order)
  }
  eachSku(turn, 'restock', giveBack, 'REVERSED')
}

/** The mark of a driver that read of goods that lie about, and how refs of returns differ from those of orders. */
export const RETURNING = 100

/** Puts the first SKU back under the return's own ref, and then says so in the order. */
function restockReturn({ setting, driver, step, giveUp }: Turn) {
  if (driver.mark > RETURNING)
    return giveUp('restocked', (next) => {
      addOnce(next.restocked, driver.order)
    })
  step('restockReturn', (next, own) => {
    restock(setting.flags, next.stock[0]!, RETURNING + own.order)
    own.mark = RETURNING + 1
  })
}

/** Does `effect` for each SKU in turn, each a step of its own, and then moves on. */
function eachSku(
  { setting, driver, step, move }: Turn,
  name: string,
  effect: (next: State, own: Driver) => void,
  to: Step,
) {
  if (driver.sku >= setting.skus) return move(driver.step, to)
  step(`${name}${driver.sku}`, (next, own) => {
    effect(next, own)
    own.sku++
  })
}

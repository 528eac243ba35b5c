import { type Fault, Refusal } from '../../kernel/errors.ts'
import { refundable } from './payment-rules.ts'
import { withStaffRefund } from './refund-rules.ts'
import { costOf } from './return-amount-rules.ts'
import { countedLines, keyOf, piecesOf } from './return-line-rules.ts'
import { withReturned } from './return-refund-rules.ts'
import type { ReturnChange } from './return-requests-schema.ts'
import { allowedStates, returnOf, returnTold } from './return-rules.ts'
import type { OrderReturn } from './return-schema.ts'
import { RETURN_STEPS } from './return-steps.ts'
import type { HistoryEntry, Order } from './schema.ts'
import { type Commit, type Hand, type Mark, withLease } from './step-rules.ts'
import { STATUS_GRAPH } from './steps.ts'
import { notAllowed } from './transition-rules.ts'

export interface ReturnChangeWish extends Omit<ReturnChange, 'note'>, Hand {
  return_id: string
  /** Id of the request: its repeat changes nothing. */
  operation: string
}

/**
 * The order with a return that staff move on; undefined for a repeat. What the driver has to do for it, on the shelf or at the
 * provider, is stored with it as an intent. Throws `transition_not_allowed`, naming what is.
 */
export function changedReturn(order: Order, wish: ReturnChangeWish, mark: Mark): Commit | undefined {
  const found = returnOf(order, wish.return_id)
  if (isRepeat(order, found, wish.operation)) return undefined
  assertFits(wish)
  assertNext(order, found, wish.state)
  if (RETURN_STEPS[found.state].payment === 'refund') return refunding(order, found, wish, mark)
  const { state, items, operation, by, staff, note } = wish
  const hand = { by, ...(staff && { staff }), ...(note && { note }) }
  const lines = state === 'received' ? countedLines(found.lines, items) : found.lines
  const restocks = RETURN_STEPS[state].work === 'restock' && lines.some(({ restocked = 0 }) => restocked > 0)
  const moved: OrderReturn = {
    ...found,
    ...{ state, lines },
    ...(restocks && { restock: 'due' as const }),
    history: [...found.history, { state, at: mark.at, ...hand, operation }],
  }
  const document = allBack(
    { ...withReturned(order, moved), updated_at: mark.at },
    { at: mark.at, by, ...(staff && { staff }) },
  )
  return {
    document: withLease(document, mark),
    events: [returnTold({ before: order, after: document, returned: moved }, mark, by)],
  }
}

function isRepeat({ payment }: Order, { history }: OrderReturn, operation: string): boolean {
  return (
    history.some((entry) => entry.operation === operation) ||
    (payment?.operations.some(({ request }) => request === operation) ?? false)
  )
}

function assertFits({ state, items, amount }: ReturnChangeWish): void {
  const only = (field: string, at: string): Fault[] => [
    { pointer: `/${field}`, code: 'not_allowed', message: `goes with ${at} alone` },
  ]
  const errors = [
    ...(items && state !== 'received' ? only('items', 'received') : []),
    ...(amount && state !== 'refunded' ? only('amount', 'refunded') : []),
  ]
  if (errors.length === 0) return
  const message = 'The body does not fit; `errors` names each fault.'
  throw new Refusal('invalid', 'invalid_body', message, { errors })
}

function assertNext(order: Order, found: OrderReturn, to: ReturnChange['state']): void {
  const allowed = allowedStates(order, found)
  if (allowed.includes(to)) return
  // Passes by itself, so it must not be kept under the key.
  if (RETURN_STEPS[found.state].next.includes(to))
    throw new Refusal('unavailable', 'refund_in_progress', 'A refund of this return is under way.', {
      retry_after_seconds: 1,
    })
  throw notAllowed({ what: 'A return', from: found.state, to, allowed, told_as: 'return_state' })
}

/** The return is refunded when its money is given back: the driver moves it then. */
function refunding(order: Order, found: OrderReturn, wish: ReturnChangeWish, mark: Mark): Commit | undefined {
  const { by, note, operation } = wish
  const cost = Math.min(costOf(order, found), refundable(order))
  const paid = (order.payment?.captured ?? 0) > 0
  if (cost === 0 && paid && !wish.amount) return closed(order, found, wish, mark)
  const amount = wish.amount ?? { amount: cost, currency: order.currency }
  const refund = { amount, by, request: operation, return_id: found.id, ...(note && { reason: note }) }
  return withStaffRefund(order, refund, mark)
}

/** A return that has nothing left to give back is at its end. */
function closed(order: Order, found: OrderReturn, wish: ReturnChangeWish, mark: Mark): Commit {
  const { by, staff, note, operation } = wish
  const entry = {
    ...{ state: 'refunded' as const, at: mark.at, by, operation },
    ...(staff && { staff }),
    ...(note && { note }),
  }
  const moved: OrderReturn = { ...found, state: 'refunded', history: [...found.history, entry] }
  const document = { ...withReturned(order, moved), updated_at: mark.at }
  const events = [returnTold({ before: order, after: document, returned: moved }, mark, by)]
  return { document: withLease(document, mark), events }
}

/** The order as returned, once every piece of it was received. */
function allBack(order: Order, hand: Pick<HistoryEntry, 'at' | 'by' | 'staff'>): Order {
  const back = piecesOf(order.returns!.filter(({ state }) => state === 'received' || state === 'refunded'))
  const all = order.lines.every((line) => back.get(keyOf(line)) === line.quantity)
  if (!all || !('returned' in STATUS_GRAPH[order.status])) return order
  const entry: HistoryEntry = { step: order.step, status: 'returned', ...hand }
  return { ...order, status: 'returned', history: [...order.history, entry] }
}

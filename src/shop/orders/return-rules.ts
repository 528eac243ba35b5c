import { Refusal } from '../../kernel/errors.ts'
import { withPrefix } from '../../kernel/ids.ts'
import { changeEvent } from './order-event-rules.ts'
import { isOpen, refundsOfReturn } from './payment-rules.ts'
import { wantedLines } from './return-line-rules.ts'
import type { NewReturn } from './return-requests-schema.ts'
import {
  MAX_RETURN_LINES,
  MAX_RETURNS,
  type OrderReturn,
  type ReturnEntry,
  type ReturnState,
} from './return-schema.ts'
import { RETURN_STEPS } from './return-steps.ts'
import type { Order } from './schema.ts'
import type { Commit, Hand, Mark } from './step-rules.ts'

export interface ReturnWish extends Hand {
  items: NewReturn['items']
  /** Id of the request: its repeat changes nothing. */
  operation: string
}

/** The id of the return that a request makes. */
export function returnIdOf(operation: string): string {
  return withPrefix(operation, 'ret')
}

/** Throws `not_found`, also for a return of another order. */
export function returnOf({ returns }: Pick<Order, 'returns'>, id: string): OrderReturn {
  const found = returns?.find((one) => one.id === id)
  if (found) return found
  throw new Refusal('not_found', 'not_found', 'There is no such return of this order.')
}

/** States that staff may ask for now; none while the provider is asked. */
export function allowedStates(order: Order, { id, state }: OrderReturn): readonly ReturnState[] {
  return refundsOfReturn(order, id).some(isOpen) ? [] : RETURN_STEPS[state].next
}

/**
 * The order with a new return; undefined for a repeat. What all returns of an order may come to is decided here, in the document,
 * so that no number of requests at once gives back more than was bought.
 */
export function withReturn(
  order: Order,
  { items, operation, ...hand }: ReturnWish,
  mark: Mark,
): Commit | undefined {
  const id = returnIdOf(operation)
  if (order.returns?.some((one) => one.id === id)) return undefined
  assertReturnable(order)
  const lines = wantedLines(order, items)
  assertBounded(order, lines.length)
  const entry: ReturnEntry = { state: 'requested', at: mark.at, ...hand, operation }
  const made: OrderReturn = { id, state: 'requested', lines, history: [entry] }
  const document: Order = { ...order, updated_at: mark.at, returns: [...(order.returns ?? []), made] }
  return { document, events: [returnTold({ before: order, after: document, returned: made }, mark, hand.by)] }
}

function assertReturnable({ step, status }: Order): void {
  const extra = { order_status: status }
  if (status !== 'delivered' && status !== 'returned')
    throw new Refusal('conflict', 'not_returnable', 'An order is returned once it is delivered.', { extra })
  if (status === 'returned') throw new Refusal('conflict', 'not_returnable', 'This order is back.', { extra })
  if (step === 'COMMITTED') return
  throw new Refusal('unavailable', 'order_in_motion', 'This order is not at rest yet; try again.', {
    retry_after_seconds: 1,
  })
}

function assertBounded({ returns = [] }: Order, more: number): void {
  const lines = returns.reduce((sum, one) => sum + one.lines.length, more)
  if (returns.length < MAX_RETURNS && lines <= MAX_RETURN_LINES) return
  throw new Refusal(
    'conflict',
    'too_many_returns',
    `An order takes at most ${MAX_RETURNS} returns, with ${MAX_RETURN_LINES} lines together.`,
  )
}

/** Tells of a return that came to another state. */
export function returnTold(
  { before, after, returned }: { before: Order; after: Order; returned: OrderReturn },
  mark: Mark,
  actor: string,
) {
  const changed = before.status === after.status ? ['returns'] : ['status', 'returns']
  return changeEvent({ before, after, mark, actor, changed, returned })
}

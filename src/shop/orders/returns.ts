import { isStaff, type UserPrincipal } from '../../kernel/principal.ts'
import type { Answering } from './answering.ts'
import type { CompareAndSet } from './compare-and-set.ts'
import type { Driver } from './driver.ts'
import { handOf } from './hand-rules.ts'
import { isOpen, refundsOfReturn } from './payment-rules.ts'
import { changedReturn } from './return-change-rules.ts'
import type { NewReturn, ReturnChange, ReturnView } from './return-requests-schema.ts'
import { returnIdOf, returnOf, withReturn } from './return-rules.ts'
import { returnView } from './return-view-rules.ts'
import type { Order } from './schema.ts'

export interface ReturnsNeeds {
  compareAndSet: CompareAndSet
  driver: Driver
  answering: Pick<Answering, 'goOn'>
}

export interface ReturnRequest<Body> {
  principal: UserPrincipal
  /** Of the order. */
  id: string
  request: Body
  /** Stable over all repeats of the request. */
  operation: string
}

/** What comes back of orders that were delivered. */
export function createReturns({ compareAndSet, driver, answering }: ReturnsNeeds) {
  /** Asks for a return. Throws `not_returnable` before delivery, and `more_than_bought`. */
  async function request({ principal, ...asked }: ReturnRequest<NewReturn>): Promise<ReturnView> {
    const { note, items } = asked.request
    const wish = { items, ...handOf(principal, note), operation: asked.operation }
    const order = await compareAndSet({ principal, id: asked.id }, (current) =>
      withReturn(current, wish, driver.mark()),
    )
    return viewOf(order, returnIdOf(asked.operation), principal)
  }

  /**
   * For staff: moves a return on. Resolves when the goods are back in the stock; for a refund when the provider has answered, or
   * is not heard of. Throws `transition_not_allowed`, `pieces_do_not_add_up`, `not_refundable`.
   */
  async function change(asked: ReturnRequest<ReturnChange> & { return_id: string }): Promise<ReturnView> {
    const { principal, id, return_id, operation } = asked
    const { note, ...change } = asked.request
    const wish = { ...change, ...handOf(principal, note), return_id, operation }
    const order = await compareAndSet({ principal, id }, (current) =>
      changedReturn(current, wish, driver.mark()),
    )
    const reached = await driver.advance(order, {
      until: (at) => isThrough(at, return_id, change.state),
    })
    answering.goOn(reached)
    return viewOf(reached, return_id, principal)
  }

  return { request, change }
}

/** Whether what staff asked for is done; money does not wait for goods, nor goods for money. */
function isThrough(order: Order, return_id: string, state: ReturnChange['state']): boolean {
  if (state === 'refunded') return !refundsOfReturn(order, return_id).some(isOpen)
  return returnOf(order, return_id).restock !== 'due'
}

function viewOf(order: Order, return_id: string, principal: UserPrincipal): ReturnView {
  return returnView(order, returnOf(order, return_id), { staff: isStaff(principal) })
}

import type { ReturnState } from './return-schema.ts'

/** The life cycle of a return, as data: the guard, what may be asked for and the documentation are read from it. */
export interface ReturnRule {
  /** What the driver does with the stock once the return is here, under the id of the return. */
  work?: 'restock'
  /** What the provider has to do before the return moves on. */
  payment?: 'refund'
  /** Where staff may move it. */
  next: readonly ReturnState[]
}

export const RETURN_STEPS: Record<ReturnState, ReturnRule> = {
  requested: { next: ['approved', 'rejected'] },
  approved: { next: ['received', 'rejected'] },
  received: { work: 'restock', payment: 'refund', next: ['refunded'] },
  refunded: { next: [] },
  rejected: { next: [] },
}

export const RETURN_STATES = ['requested', 'approved', 'rejected', 'received', 'refunded'] as const
export type ReturnState = (typeof RETURN_STATES)[number]

/** Returns of one order, rejected ones too. */
export const MAX_RETURNS = 50
/** Lines of all returns of one order together, so that its document stays small. */
export const MAX_RETURN_LINES = 2_000
/** Why one line comes back. */
export const MAX_REASON_LENGTH = 200

/** Pieces of one line of the order. */
export interface ReturnLine {
  product_id: string
  sku: string
  quantity: number
  reason?: string
  /** Pieces that are sold again, there once the goods were received; the others are written off and stay sold. */
  restocked?: number
}

/** A state that the return came to; the first entry is the request. */
export interface ReturnEntry {
  state: ReturnState
  at: string
  by: string
  /** Where `by` is staff and not the customer: such notes are for staff alone. */
  staff?: true
  note?: string
  /** The request that moved it, so that its repeat is answered alike. */
  operation?: string
}

/** What comes back of an order. Its refunds are operations of the order's payment that name it. */
export interface OrderReturn {
  /** `ret_…`, made of the id of the request. */
  id: string
  state: ReturnState
  lines: ReturnLine[]
  /** Whether the pieces that are sold again are back in the stock; absent where there are none. */
  restock?: 'due' | 'done'
  history: ReturnEntry[]
}

/** Name of the roll-up and of its consumer group. */
export const STATS = 'stats'

/** How many there are, by name. */
export type Counts = Record<string, number>

/** Body of the documents of an hour, a day and a month: what happened in it, all of it sums. */
export interface PeriodFigures {
  /** By currency: orders made in the period that are confirmed or further and not cancelled. */
  revenue: Record<string, { amount: number; orders: number }>
  /** By currency: what was given back in the period, whenever its order was made. Absent where nothing was. */
  refunds?: Record<string, { amount: number; count: number }>
  /** Orders made in the period by the status they have now. */
  orders: Counts
  new_customers: number
  /** By type. */
  events: Counts
}

/** Body of the one document that counts since the beginning. */
export interface TotalFigures {
  orders: Counts
  users: Counts
  products: Counts
  low_stock: number
  /** Time of the newest event counted. */
  as_of: string | null
}

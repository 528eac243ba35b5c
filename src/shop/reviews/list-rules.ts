import type { ListQuery, ReviewStatus } from './schema.ts'

/** Orders of the reviews of a product; a dash is for descending. */
export const REVIEW_SORTS = ['-created_at', '-helpful', '-rating', 'rating'] as const
export type ReviewSort = (typeof REVIEW_SORTS)[number]

export interface ReviewFilter {
  sort: ReviewSort
  /** Only those with so many stars. */
  rating?: number
}

type Walk = Pick<ListQuery, 'index' | 'equal' | 'order' | 'where'>

/** The index that has what a shopper asks for in the order they ask for. */
export function shownQuery(product_id: string, { sort, rating }: ReviewFilter): Walk {
  const shown = [product_id, 'approved']
  if (sort === '-helpful') {
    const where = rating === undefined ? {} : { where: { rating } }
    return { index: 'helpful', equal: shown, order: 'desc', ...where }
  }
  // Those with as many stars have no order by stars: the newest come first.
  if (rating !== undefined) return { index: 'rated', equal: [...shown, rating], order: 'desc' }
  if (sort === '-created_at') return { index: 'newest', equal: shown, order: 'desc' }
  return { index: 'by_rating', equal: shown, order: sort === 'rating' ? 'asc' : 'desc' }
}

export interface StaffFilter {
  status: Exclude<ReviewStatus, 'deleted'>
  product_id?: string
}

/** What waits comes in the order in which it came, all else newest first. */
export function staffQuery({ status, product_id }: StaffFilter): Walk {
  const order = status === 'pending' ? 'asc' : 'desc'
  return product_id === undefined
    ? { index: 'queue', equal: [status], order }
    : { index: 'newest', equal: [product_id, status], order }
}

import { isStaff, type Principal } from '../../kernel/principal.ts'
import type { Collection, ListQuery, Position } from '../../storage/storage.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { type ReviewFilter, type StaffFilter, shownQuery, staffQuery } from './list-rules.ts'
import type { Review } from './schema.ts'
import { ownReviewView, reviewView, staffReviewView } from './view-rules.ts'

interface Needs {
  reviews: Pick<Collection<Review>, 'list' | 'count'>
  catalog: Pick<Catalog, 'page' | 'staffPage' | 'ratings'>
}

export interface ReviewPage {
  after?: Position
  limit: number
  /** Whether to count how many there are. */
  total: boolean
}

/** Reviews as people read them. */
export function createReading({ reviews, catalog }: Needs) {
  async function page<View>(
    { order, ...query }: Pick<ListQuery, 'index' | 'equal' | 'order' | 'where'>,
    { total, ...page }: ReviewPage,
    show: (review: Review) => View,
  ) {
    const [found, counted] = await Promise.all([
      reviews.list({ ...query, ...(order && { order }), ...page }),
      total ? reviews.count(query) : undefined,
    ])
    return { items: found.items.map(show), next: found.next, ...(counted && { total: counted }) }
  }

  /** The product's id, by id or slug. Throws `product_not_found` for what this caller does not see. */
  async function productOf(principal: Principal, key: string): Promise<string> {
    return (await (isStaff(principal) ? catalog.staffPage(key) : catalog.page(key))).id
  }

  return {
    productOf,
    /** What everybody sees of a product's reviews, and what all of them come to. */
    async ofProduct(product_id: string, filter: ReviewFilter, wanted: ReviewPage) {
      const [found, rating] = await Promise.all([
        page(shownQuery(product_id, filter), wanted, reviewView),
        catalog.ratings(product_id),
      ])
      return { ...found, rating }
    },
    /** A customer's own, newest first. */
    ofUser: (user_id: string, wanted: ReviewPage) =>
      page({ index: 'by_user', equal: [user_id], order: 'desc' }, wanted, ownReviewView),
    /** For staff: those in one status. */
    inStatus: (filter: StaffFilter, wanted: ReviewPage) => page(staffQuery(filter), wanted, staffReviewView),
  }
}

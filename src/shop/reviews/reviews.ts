import type { Clock } from '../../kernel/clock.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Orders } from '../orders/orders.ts'
import type { Users } from '../users/users.ts'
import { createReviewDocuments } from './documents.ts'
import { createForgetting } from './forgetting.ts'
import { createModerating } from './moderating.ts'
import { createReading } from './reading.ts'
import type { NewReview, ReviewChange } from './requests-schema.ts'
import { ownReviewView, reviewView, staffReviewView } from './view-rules.ts'
import { createVoting } from './voting.ts'
import { createWriting, type ReviewRequest } from './writing.ts'

export type { ReviewPage } from './reading.ts'

export interface ReviewsOptions {
  storage: Pick<Storage, 'collection'>
  catalog: Pick<Catalog, 'page' | 'staffPage' | 'ratings'>
  orders: Pick<Orders, 'hasReceived'>
  users: Pick<Users, 'find'>
  clock: Clock
}

export type Reviews = ReturnType<typeof createReviews>

/** What customers think of products. Averages are counted from the events, in `product_stats`. */
export function createReviews({ storage, catalog, orders, users, clock }: ReviewsOptions) {
  const documents = createReviewDocuments({ storage })
  const reading = createReading({ reviews: documents.reviews, catalog })
  const writing = createWriting({ documents, orders, users, clock })
  const moderating = createModerating({ documents, clock })
  const voting = createVoting({ documents, clock })

  return {
    ...reading,
    /** By the product's id or slug. Throws `product_not_found`, `review_exists`. */
    async submit(wish: { user: UserPrincipal; product: string; review: NewReview; operation: string }) {
      const product_id = await reading.productOf(wish.user, wish.product)
      return ownReviewView(await writing.submit({ ...wish, product_id }))
    },
    edit: async (wish: ReviewRequest & { change: ReviewChange }) => ownReviewView(await writing.edit(wish)),
    remove: writing.remove,
    approve: async (wish: ReviewRequest) => staffReviewView(await moderating.approve(wish)),
    reject: async (wish: ReviewRequest & { reason?: string }) =>
      staffReviewView(await moderating.reject(wish)),
    /** Once a customer, however often they ask. Throws `review_not_found`, `own_review`. */
    findHelpful: async (user: UserPrincipal, id: string) => reviewView(await voting.vote(user, id)),
    /** Counts votes that a crash left uncounted. */
    recover: voting.recover,
    ...createForgetting({ documents, writing }),
  }
}

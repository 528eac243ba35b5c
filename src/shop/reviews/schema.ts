import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export type { ListQuery } from '../../storage/storage.ts'
export { EVENTS, RATING_EVENTS, type ReviewState } from './events-schema.ts'

export const MAX_TITLE = 200
export const MAX_TEXT = 5_000
export const MAX_REASON = 500
export const MAX_RATING = 5
/** Votes of one review that are counted; more are kept and told as so many. */
export const MAX_COUNTED_VOTES = 10_000

export const REVIEW_STATUSES = ['pending', 'approved', 'rejected'] as const
export type ReviewStatus = (typeof REVIEW_STATUSES)[number] | 'deleted'

/** What staff decided last. */
export interface Moderation {
  at: string
  by: string
  /** For the author. */
  reason?: string
}

/**
 * What a customer thinks of a product. Of a deleted one nothing is left but its place: no person and no text.
 */
export interface Review extends Stored {
  product_id: string
  /** Its author; absent once it is deleted. */
  user_id?: string
  /** The author's name as others see it. */
  author: string
  rating: number
  title: string
  body: string
  verified_purchase: boolean
  status: ReviewStatus
  /** Raised by every change that people make. The version of the storage moves with votes, too. */
  edition: number
  helpful_count: number
  /** Staff rejected it once: from then on each of its texts waits for them. */
  held?: true
  /** Of a deleted one that was held: whose next review of the product is held, too. */
  held_for?: string
  moderation?: Moderation
}

export const REVIEWS: CollectionDefinition<Review> = {
  name: 'reviews',
  indexes: {
    author: { fields: ['user_id', 'product_id'], unique: true },
    by_user: { fields: ['user_id', 'created_at'] },
    held_for: { fields: ['held_for', 'product_id'] },
    queue: { fields: ['status', 'created_at'] },
    newest: { fields: ['product_id', 'status', 'created_at'] },
    helpful: { fields: ['product_id', 'status', 'helpful_count'] },
    by_rating: { fields: ['product_id', 'status', 'rating'] },
    rated: { fields: ['product_id', 'status', 'rating', 'created_at'] },
  },
}

/** That somebody found a review helpful. Of an erased person it stays without a name. */
export interface ReviewVote extends Stored {
  review_id: string
  user_id?: string
  /** There until the review counts it. */
  uncounted_since?: string
}

export const REVIEW_VOTES: CollectionDefinition<ReviewVote> = {
  name: 'review_votes',
  indexes: {
    voter: { fields: ['review_id', 'user_id'], unique: true },
    by_review: { fields: ['review_id'] },
    by_user: { fields: ['user_id', 'created_at'] },
    uncounted: { fields: ['uncounted_since'] },
  },
}

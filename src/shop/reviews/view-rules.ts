import type { Review, ReviewVote } from './schema.ts'
import type { OwnReviewView, ReviewView, StaffReviewView } from './view-schema.ts'

/** A review as everybody sees it. Every field is named here: this is the allow-list of what leaves. */
export function reviewView(review: Review): ReviewView {
  return {
    id: review.id,
    version: review.edition,
    created_at: review.created_at,
    updated_at: review.updated_at,
    product_id: review.product_id,
    author: review.author,
    rating: review.rating,
    title: review.title,
    body: review.body,
    verified_purchase: review.verified_purchase,
    helpful_count: review.helpful_count,
  }
}

/** For its author. */
export function ownReviewView(review: Review): OwnReviewView {
  const { status, moderation } = review
  if (status === 'deleted') throw new Error(`review ${review.id} is deleted and was to be shown`)
  return {
    ...reviewView(review),
    status,
    rejection_reason: status === 'rejected' ? (moderation?.reason ?? null) : null,
  }
}

export function staffReviewView(review: Review): StaffReviewView {
  const { user_id = '', moderation } = review
  return {
    ...ownReviewView(review),
    user_id,
    moderated_at: moderation?.at ?? null,
    moderated_by: moderation?.by ?? null,
  }
}

/** All that is kept of a person here, for the person. `held`: what is left of deleted reviews that staff had rejected. */
export function knownOf(own: readonly Review[], held: readonly Review[], votes: readonly ReviewVote[]) {
  return {
    reviews: own.map(ownReviewView),
    reviews_read_first: held.map(({ product_id }) => ({ product_id })),
    found_helpful: votes.map(({ review_id, created_at }) => ({ review_id, created_at })),
  }
}

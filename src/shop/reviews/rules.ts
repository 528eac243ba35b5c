import { Refusal } from '../../kernel/errors.ts'
import type { NewReview, ReviewChange } from './requests-schema.ts'
import type { Review, ReviewStatus } from './schema.ts'

/** The life of a review. A text that is given anew goes back to the start. */
const TRANSITIONS: Record<ReviewStatus, readonly ReviewStatus[]> = {
  pending: ['pending', 'approved', 'rejected', 'deleted'],
  approved: ['pending', 'approved', 'rejected', 'deleted'],
  rejected: ['pending', 'approved', 'rejected', 'deleted'],
  deleted: [],
}

/** The review in another status; throws where its life has no such way, which is a bug of the caller. */
export function inStatus(review: Review, status: ReviewStatus): Review {
  if (!TRANSITIONS[review.status].includes(status))
    throw new Error(`a review that is ${review.status} does not become ${status}`)
  return { ...review, status }
}

/** What becomes of a text that its author has given: a human looks first unless the shop knows of the purchase. */
export function statusOfText({ verified_purchase, held }: Pick<Review, 'verified_purchase' | 'held'>) {
  return verified_purchase && !held ? ('approved' as const) : ('pending' as const)
}

/** Text without blanks around it. */
export function tidy<Text extends ReviewChange>(text: Text): Text {
  const { title, body } = text
  const trimmed = { ...text }
  if (title !== undefined) trimmed.title = title.trim()
  if (body !== undefined) trimmed.body = body.trim()
  return trimmed
}

/** Names of the fields that the change moves. */
export function changedFields(review: Review, change: ReviewChange): (keyof NewReview)[] {
  const fields = ['rating', 'title', 'body'] as const
  return fields.filter((field) => change[field] !== undefined && change[field] !== review[field])
}

/** What is left of a review: its place. Whoever had it held does not get round that by beginning anew. */
export function emptied(review: Review): Review {
  const { user_id, moderation: _, held, ...kept } = inStatus(review, 'deleted')
  const held_for = held && user_id !== undefined ? { held_for: user_id } : {}
  return { ...kept, author: '', title: '', body: '', helpful_count: 0, ...held_for }
}

/** Refuses a change of a review that is no longer what the caller saw. */
export function assertEdition(expected: number | undefined, { edition }: Review): void {
  if (expected === undefined || expected === edition) return
  throw new Refusal('version_conflict', 'version_moved', 'The review has changed since it was read.')
}

export function reviewNotFound(): Refusal {
  return new Refusal('not_found', 'review_not_found', 'There is no such review.')
}

export function reviewExists(review_id: string | undefined): Refusal {
  return new Refusal('conflict', 'review_exists', 'You have reviewed this product; change that review.', {
    extra: review_id === undefined ? {} : { review_id },
  })
}

export function ownReview(): Refusal {
  return new Refusal('forbidden', 'own_review', 'Nobody votes for a review of their own.')
}

export function foreignRating(): Refusal {
  return new Refusal('forbidden', 'foreign_rating', 'Staff amend a text; only its author changes the stars.')
}

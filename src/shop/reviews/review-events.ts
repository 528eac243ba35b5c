import type { EventDraft } from '../../kernel/event.ts'
import { newId } from '../../kernel/ids.ts'
import {
  ReviewApproved,
  ReviewDeleted,
  ReviewRejected,
  type ReviewState,
  ReviewSubmitted,
} from './events-schema.ts'
import type { Review } from './schema.ts'

/** Who changed it, and when in milliseconds. */
export interface Telling {
  actor: string
  now: number
}

type Told = Pick<Review, 'id' | 'product_id' | 'rating' | 'verified_purchase' | 'status'>

/** What a change of status comes to. */
export function toldMoved(before: Told, after: Told, telling: Telling): EventDraft {
  const type = { approved: ReviewApproved, rejected: ReviewRejected, deleted: ReviewDeleted }
  const { status } = after
  if (status === 'pending') throw new Error('a review waits because it was submitted')
  return type[status].draft({ ...about(after, telling), data: stateOf(before, after) })
}

/**
 * A text that its author gave. One that is shown without a human first waited for nobody, and was then approved: readers learn what
 * is shown from one type of event.
 */
export function toldSubmitted(before: Told | undefined, after: Told, telling: Telling): EventDraft[] {
  const newlyShown = after.status === 'approved' && before?.status !== 'approved'
  const submitted: Told = newlyShown ? { ...after, status: 'pending' } : after
  const told = ReviewSubmitted.draft({ ...about(after, telling), data: stateOf(before, submitted) })
  return newlyShown ? [told, toldMoved(submitted, after, { ...telling, actor: 'system' })] : [told]
}

/** A text that staff amended. */
export function toldAmended(before: Told, after: Told, changed: string[], telling: Telling): EventDraft {
  return ReviewSubmitted.draft({ ...about(after, telling), data: { ...stateOf(before, after), changed } })
}

function about({ id, product_id }: Told, { actor, now }: Telling) {
  return { id: newId('evt', now), subject: `reviews/${id}`, key: product_id, at: now, actor }
}

function stateOf(before: Told | undefined, after: Told): ReviewState {
  const { id: review_id, product_id, rating, verified_purchase, status } = after
  return {
    ...{ review_id, product_id, rating, verified_purchase, status },
    from_status: before?.status ?? null,
    from_rating: before?.rating ?? null,
  }
}

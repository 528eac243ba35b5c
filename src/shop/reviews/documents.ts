import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { EventDraft } from '../../kernel/event.ts'
import { createKeyedQueue } from '../../kernel/keyed-queue.ts'
import type { Storage } from '../../storage/storage.ts'
import { reviewNotFound } from './rules.ts'
import { REVIEW_VOTES, REVIEWS, type Review } from './schema.ts'

/** Votes that are being counted, or staff on another node, may be first a few times. */
const MAX_ATTEMPTS = 20
/** How many changes of one review wait for each other in one process. */
const MAX_WAITING = 1_000

/** A changed review and the events that tell of it. */
export interface Commit {
  document: Review
  events: EventDraft[]
}

export type ReviewDocuments = ReturnType<typeof createReviewDocuments>

/** Reviews and votes as they lie in the storage. */
export function createReviewDocuments({ storage }: { storage: Pick<Storage, 'collection'> }) {
  const reviews = storage.collection(REVIEWS)
  const votes = storage.collection(REVIEW_VOTES)
  const inTurn = createKeyedQueue({ max_waiting: MAX_WAITING, full: busy })

  /**
   * Changes a review by compare-and-set. `decide` may be asked again when somebody else was faster; undefined says that nothing
   * is to be written. Throws `review_not_found`, `busy` and what `decide` throws.
   */
  function change(
    id: string,
    decide: (review: Review) => Commit | undefined | Promise<Commit | undefined>,
  ): Promise<Review> {
    return inTurn(id, async () => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const review = await reviews.get(id)
        if (!review || review.status === 'deleted') throw reviewNotFound()
        const commit = await decide(review)
        if (!commit) return review
        try {
          return await reviews.replace(commit.document, commit.events)
        } catch (error) {
          if (!isRefusal(error, 'version_moved')) throw error
        }
      }
      throw busy()
    })
  }

  return { reviews, votes, change }
}

function busy(): Refusal {
  return new Refusal('unavailable', 'busy', 'Too many changes at once; try again.', {
    retry_after_seconds: 1,
  })
}

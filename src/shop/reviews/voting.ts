import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type { ReviewDocuments } from './documents.ts'
import { ownReview, reviewNotFound } from './rules.ts'
import { MAX_COUNTED_VOTES, type Review, type ReviewVote } from './schema.ts'

const PAGE = 500

interface Needs {
  documents: ReviewDocuments
  clock: Clock
}

/**
 * Votes lie in documents of their own, and a review says how many there are. The vote is the coordinator: it is marked as uncounted
 * until its review has been counted anew, which anyone may do and repeat.
 */
export function createVoting({ documents: { reviews, votes, change }, clock }: Needs) {
  /** Throws `review_not_found` for what is not shown, `own_review` for one's own. A second vote changes nothing. */
  async function vote(user: UserPrincipal, id: string): Promise<Review> {
    const review = await reviews.get(id)
    if (review?.status !== 'approved') throw reviewNotFound()
    if (review.user_id === user.id) throw ownReview()
    const cast = await castOnce(user.id, id)
    if (cast?.uncounted_since === undefined) return review
    const counted = await count(id)
    await settle(cast)
    return counted
  }

  async function castOnce(user_id: string, review_id: string): Promise<ReviewVote | undefined> {
    const now = clock.now()
    const at = timestamp(now)
    const vote = { review_id, user_id, uncounted_since: at, created_at: at, updated_at: at }
    try {
      return await insertOnce(votes, { id: newId('vot', now), ...vote })
    } catch (error) {
      if (!isRefusal(error, 'duplicate')) throw error
      return votes.getBy('voter', [review_id, user_id])
    }
  }

  /**
   * Writes down how many votes there are. The version was read before they were counted, so whoever writes last has seen every vote
   * that was cast before the others wrote. Throws `review_not_found` for a deleted one.
   */
  function count(id: string): Promise<Review> {
    return change(id, async (review) => {
      const { value } = await votes.count({ index: 'by_review', equal: [id] })
      const helpful_count = Math.min(value, MAX_COUNTED_VOTES)
      return helpful_count === review.helpful_count
        ? undefined
        : { document: { ...review, helpful_count }, events: [] }
    })
  }

  async function settle({ uncounted_since: _, ...vote }: ReviewVote): Promise<void> {
    try {
      await votes.replace(vote)
    } catch (error) {
      // Somebody else has settled it, or its voter is being forgotten and it is settled later.
      if (!isRefusal(error, 'version_moved')) throw error
    }
  }

  /** Counts what a crash left uncounted; may be repeated at any time. */
  async function recover(): Promise<void> {
    for (;;) {
      const { items, next } = await votes.list({ index: 'uncounted', limit: PAGE })
      for (const [review_id, cast] of Map.groupBy(items, (vote) => vote.review_id)) {
        await count(review_id).catch(unlessGone)
        await Promise.all(cast.map(settle))
      }
      if (!next) return
    }
  }

  return { vote, recover }
}

function unlessGone(error: unknown): void {
  if (!isRefusal(error, 'review_not_found')) throw error
}

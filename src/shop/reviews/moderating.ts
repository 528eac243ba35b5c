import { type Clock, timestamp } from '../../kernel/clock.ts'
import type { ReviewDocuments } from './documents.ts'
import { toldMoved } from './review-events.ts'
import { assertEdition, inStatus } from './rules.ts'
import type { Review } from './schema.ts'
import type { ReviewRequest } from './writing.ts'

interface Needs {
  documents: Pick<ReviewDocuments, 'change'>
  clock: Clock
}

/** What staff decide on what others wrote. A decision that stands already changes nothing but its reason, if one is given. */
export function createModerating({ documents: { change }, clock }: Needs) {
  function decide(
    { principal, id, expected_version }: ReviewRequest,
    decision: Pick<Review, 'status' | 'held'> & { reason?: string },
  ): Promise<Review> {
    const { status, reason: given, ...held } = decision
    const reason = given?.trim()
    return change(id, (review) => {
      assertEdition(expected_version, review)
      const stands = reason === undefined || reason === review.moderation?.reason
      if (review.status === status && stands) return undefined
      const now = clock.now()
      const at = timestamp(now)
      const moderation = { at, by: principal.id, ...(reason !== undefined && { reason }) }
      const document = {
        ...{ ...inStatus(review, status), ...held, moderation },
        edition: review.edition + 1,
        updated_at: at,
      }
      return { document, events: [toldMoved(review, document, { actor: principal.id, now })] }
    })
  }

  return {
    /** From now on everybody sees it. */
    approve: (request: ReviewRequest) => decide(request, { status: 'approved' }),
    /** Nobody but its author and staff sees it, and no later text of this author before staff have read it. */
    reject: (request: ReviewRequest & { reason?: string }) =>
      decide(request, {
        status: 'rejected',
        held: true,
        ...(request.reason !== undefined && { reason: request.reason }),
      }),
  }
}

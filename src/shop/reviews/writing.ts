import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { withPrefix } from '../../kernel/ids.ts'
import { isStaff, type UserPrincipal } from '../../kernel/principal.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type { New } from '../../storage/storage.ts'
import type { Orders } from '../orders/orders.ts'
import type { Users } from '../users/users.ts'
import type { Commit, ReviewDocuments } from './documents.ts'
import { displayName } from './name-rules.ts'
import type { NewReview, ReviewChange } from './requests-schema.ts'
import { type Telling, toldAmended, toldMoved, toldSubmitted } from './review-events.ts'
import {
  assertEdition,
  changedFields,
  emptied,
  foreignRating,
  inStatus,
  reviewExists,
  reviewNotFound,
  statusOfText,
  tidy,
} from './rules.ts'
import type { Review } from './schema.ts'

interface Needs {
  documents: Pick<ReviewDocuments, 'reviews' | 'change'>
  orders: Pick<Orders, 'hasReceived'>
  users: Pick<Users, 'find'>
  clock: Clock
}

export interface Submission {
  user: UserPrincipal
  product_id: string
  review: NewReview
  /** Stable over all repeats of the request. */
  operation: string
}

/** Whose change of which review. */
export interface ReviewRequest {
  principal: UserPrincipal
  id: string
  /** From `If-Match`. */
  expected_version?: number
}

/** What customers do to their reviews, and staff to those of others. */
export function createWriting({ documents: { reviews, change }, orders, users, clock }: Needs) {
  /** What the shop knows of an author beside the text. */
  async function authorOf(user_id: string, product_id: string) {
    const [person, verified_purchase] = await Promise.all([
      users.find(user_id),
      orders.hasReceived(user_id, product_id),
    ])
    return { author: displayName(person?.name), verified_purchase }
  }

  /** Throws `review_exists` when the customer has reviewed the product. */
  async function submit({ user, product_id, review, operation }: Submission): Promise<Review> {
    const [author, heldBefore] = await Promise.all([
      authorOf(user.id, product_id),
      reviews.list({ index: 'held_for', equal: [user.id, product_id], limit: 1 }),
    ])
    const held = heldBefore.items.length > 0 ? { held: true as const } : {}
    const now = clock.now()
    const at = timestamp(now)
    const document: New<Review> = {
      ...{ id: withPrefix(operation, 'rev'), product_id, user_id: user.id },
      ...{ ...author, ...tidy(review), ...held },
      status: statusOfText({ ...author, ...held }),
      edition: 1,
      helpful_count: 0,
      created_at: at,
      updated_at: at,
    }
    const events = toldSubmitted(undefined, document, { actor: user.id, now })
    try {
      const made = await insertOnce(reviews, document, events)
      // A repeat may come when its review is deleted again.
      if (made.status === 'deleted') throw reviewNotFound()
      return made
    } catch (error) {
      if (!isRefusal(error, 'duplicate')) throw error
      throw reviewExists((await reviews.getBy('author', [user.id, product_id]))?.id)
    }
  }

  /** The author gives another text, or staff amend it. Throws `review_not_found` for a foreign one as for a missing one. */
  async function edit(request: ReviewRequest & { change: ReviewChange }): Promise<Review> {
    const { principal, id, expected_version } = request
    const wanted = tidy(request.change)
    return change(id, async (review) => {
      assertMayChange(principal, review)
      assertEdition(expected_version, review)
      const changed = changedFields(review, wanted)
      if (changed.length === 0) return undefined
      const next = { ...review, ...wanted, ...edited(review) }
      const telling = { actor: principal.id, now: clock.now() }
      if (review.user_id === principal.id) return givenAnew(review, next, telling)
      if (changed.includes('rating')) throw foreignRating()
      return { document: next, events: [toldAmended(review, next, changed, telling)] }
    })
  }

  /** The author's own text is judged as if it were the first one. */
  async function givenAnew(before: Review, next: Review, telling: Telling): Promise<Commit> {
    const author = await authorOf(telling.actor, before.product_id)
    const { moderation: _, ...given } = { ...next, ...author }
    const document = inStatus(given, statusOfText(given))
    return { document, events: toldSubmitted(before, document, telling) }
  }

  /** Throws `review_not_found` for a foreign one as for a missing one. */
  async function remove({ principal, id, expected_version }: ReviewRequest): Promise<void> {
    await change(id, (review) => {
      assertMayChange(principal, review)
      assertEdition(expected_version, review)
      return removal(review, principal.id)
    })
  }

  /** The review emptied of its text and its author. */
  function removal(review: Review, actor: string): Commit {
    const document = { ...emptied(review), ...edited(review) }
    return { document, events: [toldMoved(review, document, { actor, now: clock.now() })] }
  }

  function edited({ edition }: Review) {
    return { edition: edition + 1, updated_at: timestamp(clock.now()) }
  }

  return { submit, edit, remove, removal }
}

function assertMayChange(principal: UserPrincipal, review: Review): void {
  if (review.user_id !== principal.id && !isStaff(principal)) throw reviewNotFound()
}

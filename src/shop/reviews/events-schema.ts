import { type Static, Type } from 'typebox'
import { defineEvent } from '../../kernel/event-type.ts'

const closed = { additionalProperties: false } as const
const Stars = Type.Integer({ minimum: 1, maximum: 5 })
const Status = Type.Enum(['pending', 'approved', 'rejected', 'deleted'])

/** What the review counts for after the change, and what it counted for before. Its text is nobody's but the shop's. */
const state = {
  review_id: Type.String(),
  product_id: Type.String(),
  rating: Stars,
  verified_purchase: Type.Boolean(),
  status: Status,
  /** Null: it was not there. */
  from_status: Type.Union([Status, Type.Null()]),
  from_rating: Type.Union([Stars, Type.Null()]),
}
const State = Type.Object(state, closed)
export type ReviewState = Static<typeof State>

const TOPIC = 'ecommerce-inventory'

/** Written or written anew, by its author or, where the actor is staff, amended; `changed` names fields of an amendment. */
export const ReviewSubmitted = defineEvent(
  'review_submitted',
  TOPIC,
  Type.Object({ ...state, changed: Type.Optional(Type.Array(Type.String())) }, closed),
)
/** From now on everybody sees it; the actor is `system` where no human had to look. */
export const ReviewApproved = defineEvent('review_approved', TOPIC, State)
export const ReviewRejected = defineEvent('review_rejected', TOPIC, State)
export const ReviewDeleted = defineEvent('review_deleted', TOPIC, State)

/** Those whose data is a `ReviewState`, and so what the review counts for. */
export const RATING_EVENTS = [ReviewSubmitted, ReviewApproved, ReviewRejected, ReviewDeleted]
export const EVENTS = RATING_EVENTS

import { type Static, Type } from 'typebox'
import { REVIEW_STATUSES } from './schema.ts'

const closed = { additionalProperties: false } as const
const time = Type.String({ format: 'date-time' })
const orNull = <Schema extends ReturnType<typeof Type.String>>(schema: Schema) =>
  Type.Union([schema, Type.Null()])

const shown = {
  id: Type.String(),
  version: Type.Integer(),
  created_at: time,
  updated_at: time,
  product_id: Type.String(),
  author: Type.String({ description: 'First name and initial' }),
  rating: Type.Integer(),
  title: Type.String(),
  body: Type.String(),
  verified_purchase: Type.Boolean({ description: 'The shop shipped it to its author' }),
  helpful_count: Type.Integer({ description: '10,000 for 10,000 or more' }),
}
const standing = {
  status: Type.Enum([...REVIEW_STATUSES]),
  rejection_reason: orNull(Type.String()),
}

/** A review as everybody sees it: nothing of its author but a name to show. */
export const ReviewView = Type.Object(shown, closed)
export type ReviewView = Static<typeof ReviewView>

/** The same for its author. */
export const OwnReviewView = Type.Object({ ...shown, ...standing }, closed)
export type OwnReviewView = Static<typeof OwnReviewView>

export const StaffReviewView = Type.Object(
  {
    ...shown,
    ...standing,
    user_id: Type.String(),
    moderated_at: orNull(time),
    moderated_by: orNull(Type.String()),
  },
  closed,
)
export type StaffReviewView = Static<typeof StaffReviewView>

const page = <Item extends typeof ReviewView | typeof OwnReviewView | typeof StaffReviewView>(
  item: Item,
) => ({
  items: Type.Array(item),
  next_cursor: orNull(Type.String()),
  total: Type.Optional(
    Type.Object(
      { value: Type.Integer(), relation: Type.Enum(['eq', 'gte']) },
      { ...closed, description: 'Counting stops at 10,000' },
    ),
  ),
})

export const ProductReviews = Type.Object(
  {
    ...page(ReviewView),
    rating: Type.Object(
      {
        average: Type.Number({ description: '0 without reviews' }),
        count: Type.Integer(),
        distribution: Type.Record(Type.String({ pattern: '^[1-5]$' }), Type.Integer(), {
          description: 'Reviews by their stars',
        }),
      },
      { ...closed, description: 'Of all that are shown, whatever the filter' },
    ),
  },
  closed,
)
export const OwnReviews = Type.Object(page(OwnReviewView), closed)
export const StaffReviews = Type.Object(page(StaffReviewView), closed)

import { type Static, Type } from 'typebox'
import { MAX_RATING, MAX_REASON, MAX_TEXT, MAX_TITLE } from './schema.ts'

const closed = { additionalProperties: false } as const
/** Not blank, and without control characters but those that break lines. What is before the first letter is cut off anyway. */
const TEXT = '^\\s*[^\\s\\u0000-\\u001f\\u007f][^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$'
const LINE = '^\\s*[^\\s\\u0000-\\u001f\\u007f][^\\u0000-\\u001f\\u007f]*$'

const Rating = Type.Integer({ minimum: 1, maximum: MAX_RATING, description: 'Stars' })
const Title = Type.String({
  minLength: 1,
  maxLength: MAX_TITLE,
  pattern: LINE,
  description: 'A line of plain text',
})
const Text = Type.String({ minLength: 1, maxLength: MAX_TEXT, pattern: TEXT, description: 'Plain text' })

export const NewReview = Type.Object({ rating: Rating, title: Title, body: Text }, closed)
export type NewReview = Static<typeof NewReview>

export const ReviewChange = Type.Object(
  { rating: Type.Optional(Rating), title: Type.Optional(Title), body: Type.Optional(Text) },
  { ...closed, minProperties: 1 },
)
export type ReviewChange = Static<typeof ReviewChange>

export const Rejection = Type.Object(
  {
    reason: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_REASON,
        pattern: LINE,
        description: 'A line of plain text; its author reads it',
      }),
    ),
  },
  closed,
)
export type Rejection = Static<typeof Rejection>

import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const

const MAX_CATEGORY_NAME = 100
const MAX_CATEGORY_DESCRIPTION = 5_000

const fields = {
  name: Type.String({ minLength: 1, maxLength: MAX_CATEGORY_NAME, pattern: '\\S' }),
  slug: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
      maxLength: 64,
      description: 'Small letters and digits, with single hyphens between them, as garden-lights',
    }),
  ),
  description: Type.Optional(Type.String({ maxLength: MAX_CATEGORY_DESCRIPTION })),
  parent_id: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()])),
  position: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      description: 'Order among siblings; the last if left out',
    }),
  ),
}

/** What adding a category takes. */
export const NewCategory = Type.Object(fields, closed)
export type NewCategory = Static<typeof NewCategory>

/** The fields to change. */
export const CategoryChange = Type.Object(
  { ...fields, name: Type.Optional(fields.name) },
  { ...closed, minProperties: 1 },
)
export type CategoryChange = Static<typeof CategoryChange>

import { type Static, Type } from 'typebox'
import { ProductChange } from './schema.ts'

/** Changes of one request, and those that are made at once. */
export const MAX_BULK_CHANGES = 500
export const BULK_AT_ONCE = 16
export const BULK_BODY_BYTES = 1_024 * 1_024
/** Longer than one change may take, shorter than a silent connection is kept. Later the work goes on, and a repeat finds what was done. */
export const BULK_DEADLINE_MS = 25_000

const closed = { additionalProperties: false } as const

/** One change: the fields to change, of which product, and from which version on. */
export const BulkChange = Type.Object(
  {
    ...ProductChange.properties,
    id: Type.String({ minLength: 1, maxLength: 64, description: 'Id or slug' }),
    version: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Refused with `version_moved` when the product has another' }),
    ),
  },
  { ...closed, minProperties: 2 },
)
export type BulkChange = Static<typeof BulkChange>

/** Each is judged alone, so the body as a whole only has to be a list. */
export const BulkChanges = Type.Object(
  { changes: Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_BULK_CHANGES }) },
  closed,
)

/** The same as the documentation shows it. */
export const DocumentedChanges = Type.Object(
  { changes: Type.Array(BulkChange, { minItems: 1, maxItems: MAX_BULK_CHANGES }) },
  closed,
)

const Fault = Type.Object({ pointer: Type.String(), code: Type.String(), message: Type.String() }, closed)

export const BulkVerdict = Type.Object(
  {
    index: Type.Integer({ description: 'Place in the request, from 0' }),
    id: Type.Union([Type.String(), Type.Null()], { description: 'Of the product, once it is known' }),
    result: Type.Enum(['changed', 'unchanged', 'refused']),
    version: Type.Optional(Type.Integer({ description: 'That the product has now' })),
    code: Type.Optional(Type.String({ description: 'Of a refusal, as one product would answer it' })),
    message: Type.Optional(Type.String()),
    errors: Type.Optional(Type.Array(Fault)),
  },
  closed,
)
export type BulkVerdict = Static<typeof BulkVerdict>

export const BulkAnswer = Type.Object(
  {
    changed: Type.Integer(),
    unchanged: Type.Integer(),
    refused: Type.Integer(),
    items: Type.Array(BulkVerdict, { description: 'In the order of the request' }),
  },
  closed,
)
export type BulkAnswer = Static<typeof BulkAnswer>

import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { Refusal } from '../kernel/errors.ts'

export const DEFAULT_PAGE = 20
export const MAX_PAGE = 100
const MAX_CURSOR_LENGTH = 1_024

/** The query parameters of every list. */
export const PageQuery = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_PAGE,
      default: DEFAULT_PAGE,
      description:
        'At most so many; `next_cursor` tells whether there are more, also behind a page that holds fewer',
    }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: MAX_CURSOR_LENGTH })),
}

/**
 * An opaque cursor: the place where the page ended, bound to the query it belongs to.
 * `context` is whatever decides the order and the set: a cursor of another query is refused.
 */
export function encodeCursor(position: object | null, context: unknown): string | null {
  if (position === null) return null
  return Buffer.from(JSON.stringify([digest(context), position])).toString('base64url')
}

/** Reads a cursor back; throws `malformed` / `bad_cursor` for anything that was not made by the same query. */
export function decodeCursor<P extends object>(cursor: string | undefined, context: unknown): P | undefined {
  if (cursor === undefined) return undefined
  try {
    const [belongsTo, position] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, P]
    if (belongsTo === digest(context) && isPlace(position)) return position
  } catch {
    // falls through to the refusal: what cannot be read was not made here
  }
  throw new Refusal(
    'malformed',
    'bad_cursor',
    'The cursor is damaged or belongs to another query; start again without it.',
  )
}

/** Anyone can write a cursor: nothing but plain values may reach a database through it. */
function isPlace(position: unknown): boolean {
  return (
    typeof position === 'object' &&
    position !== null &&
    Object.values(position).every((value) => ['string', 'number', 'boolean'].includes(typeof value))
  )
}

function digest(context: unknown): string {
  return createHash('sha256').update(JSON.stringify(context)).digest('base64url').slice(0, 11)
}

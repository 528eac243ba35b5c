import { Refusal } from '../../kernel/errors.ts'
import type { ListingPage, ListingPosition } from '../listing.ts'
import { RATING_SCALE } from './listing-tables.ts'

/** A place in an order: the sort value and the number of the row there. */
export interface Cursor {
  key: string | number
  number: number
}

/** A row on its way into a page. */
export interface CardRow extends Cursor {
  available: number
  rating: number
  rating_count: number
  card: string
}

export const CARD_COLUMNS = 'l.available, l.rating, l.rating_count, l.card'

export function toCursor(position: ListingPosition | undefined): Cursor | undefined {
  if (!position) return undefined
  const number = Number(position.id)
  if (!Number.isSafeInteger(number)) throw new Refusal('malformed', 'bad_cursor', 'The cursor is damaged.')
  return { key: position.value, number }
}

export function toPosition(row: Cursor): ListingPosition {
  return { value: row.key, id: String(row.number) }
}

/** The card with the figures that change without the product. */
export function completeCard(row: CardRow, available_cap = Number.MAX_SAFE_INTEGER): string {
  const available = Math.min(row.available, available_cap)
  const average = row.rating / RATING_SCALE
  return `${row.card.slice(0, -1)},"available":${available},"rating":{"average":${average},"count":${row.rating_count}}}`
}

/** The first `limit` of these rows, all of which match, and where to go on if there are more. */
export function pageOf(rows: CardRow[], limit: number, available_cap: number | undefined): ListingPage {
  const shown = rows.slice(0, limit)
  return {
    cards: shown.map((row) => completeCard(row, available_cap)),
    next: rows.length > limit ? toPosition(shown.at(-1)!) : null,
    looked_at: null,
  }
}

/** Orders rows as the statement did, for rows that come from several. */
export function comparing(descending: boolean): (a: Cursor, b: Cursor) => number {
  const sign = descending ? -1 : 1
  return (a, b) => sign * (compare(a.key, b.key) || a.number - b.number)
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  // SQLite compares UTF-8 bytes; the order of code units differs from it beyond the basic plane.
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

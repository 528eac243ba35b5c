import { Refusal } from '../../kernel/errors.ts'
import type { ListingPage, ListingPosition, ListingQuery } from '../listing.ts'
import type { Reader } from './listing-filter.ts'
import { RATING_SCALE } from './listing-tables.ts'

/** A place in an order: the sort value and the number of the row there. */
export interface Cursor {
  key: string | number
  number: number
}

export function toCursor(position: ListingPosition | undefined): Cursor | undefined {
  if (!position) return undefined
  const number = Number(position.id)
  if (!Number.isSafeInteger(number)) throw new Refusal('malformed', 'bad_cursor', 'The cursor is damaged.')
  return { key: position.value, number }
}

export function toPosition(row: Cursor): ListingPosition {
  return { value: row.key, id: String(row.number) }
}

interface CardRow {
  available: number
  rating: number
  rating_count: number
  card: string
}

/**
 * The first `limit` of these matches with their cards, and where to go on if there are more. One statement for all
 * cards is three times as fast as one each; a product that went since it was found is left out.
 */
export function pageOf(
  reader: Reader,
  matches: readonly Cursor[],
  { limit, available_cap = Number.MAX_SAFE_INTEGER }: Pick<ListingQuery, 'limit' | 'available_cap'>,
): ListingPage {
  const shown = matches.slice(0, limit)
  const rows = reader
    .prepare(
      `SELECT l.available, l.rating, l.rating_count, l.card
       FROM json_each(?) d CROSS JOIN listing l ON l.number = d.value ORDER BY d.key`,
    )
    .all(JSON.stringify(shown.map(({ number }) => number))) as unknown as CardRow[]
  return {
    cards: rows.map((row) => completeCard(row, available_cap)),
    next: matches.length > limit ? toPosition(shown.at(-1)!) : null,
    looked_at: null,
  }
}

/** The card with the figures that change without the product. */
function completeCard(row: CardRow, available_cap: number): string {
  const available = Math.min(row.available, available_cap)
  const average = row.rating / RATING_SCALE
  return `${row.card.slice(0, -1)},"available":${available},"rating":{"average":${average},"count":${row.rating_count}}}`
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

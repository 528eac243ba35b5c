import type { ProductStats } from './listing.ts'

/** Ratings are kept as whole thousandths. */
const RATING_SCALE = 1_000

/** What changes without the product and lists show and sort by. */
export interface ListingFigures {
  available: number
  /** Whole thousandths. */
  rating: number
  rating_count: number
  sold: number
}

export const NO_FIGURES: ListingFigures = { available: 0, rating: 0, rating_count: 0, sold: 0 }

export function figuresOf({ available_total, sold, rating_sum, rating_count }: ProductStats): ListingFigures {
  const rating = rating_count === 0 ? 0 : Math.round((rating_sum / rating_count) * RATING_SCALE)
  return { available: available_total, rating, rating_count, sold }
}

/** A card's JSON with the figures that change without the product. */
export function completeCard(
  { card, available, rating, rating_count }: { card: string } & Omit<ListingFigures, 'sold'>,
  available_cap: number,
): string {
  const shown = Math.min(available, available_cap)
  const average = rating / RATING_SCALE
  return `${card.slice(0, -1)},"available":${shown},"rating":{"average":${average},"count":${rating_count}}}`
}

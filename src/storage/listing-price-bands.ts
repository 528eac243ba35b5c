import type { ListingFacets } from './listing.ts'

const PRICE_BANDS = 5

/** Half-open bands at round amounts, with about as many products in each. */
export function priceBands(prices: number[]): ListingFacets['prices'] {
  if (prices.length === 0) return []
  prices.sort((a, b) => a - b)
  const edges = new Set([0])
  for (let band = 1; band < PRICE_BANDS; band++) {
    edges.add(round(prices[Math.floor((prices.length * band) / PRICE_BANDS)]!))
  }
  const from = [...edges].sort((a, b) => a - b)
  return from
    .map((edge, at) => {
      const before = from[at + 1] ?? null
      const count = prices.filter((price) => price >= edge && (before === null || price < before)).length
      return { from: edge, before, count }
    })
    .filter((band) => band.count > 0)
}

/** Down to one leading digit or five: 1999 is 1500, 840 is 800. */
function round(amount: number): number {
  if (amount < 10) return amount
  const unit = 10 ** Math.floor(Math.log10(amount))
  return Math.floor(amount / (unit / 2)) * (unit / 2)
}

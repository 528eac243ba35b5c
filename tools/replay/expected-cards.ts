import { triesOf, writtenOff } from './card-choices.ts'
import type { Chosen } from './chosen.ts'
import { add, type Counts, sumOf } from './counting.ts'

/** Money of orders, in minor units. */
export interface Moved {
  taken: number
  given_back: number
}

/** What the numbers must say of orders by card. */
export interface ExpectedCards {
  /** By invoice. */
  money: Map<string, Moved>
  /** Sales of which pieces were sent back: all of them or not. */
  sent_back: Map<string, 'delivered' | 'returned'>
  /** Pieces that returns brought back into the stock, by `code-price`. */
  restocked: Map<string, number>
  events: Record<string, number>
}

/** Adds up what was paid by card and came back, from the lines; `ordersIn` counts the orders of an invoice. */
export function expectedCards(
  counts: Counts,
  chosen: Chosen,
  ordersIn: (invoice: string) => number,
): ExpectedCards {
  const { by_card, cancelled, parts } = chosen
  const sent_back = sentBack(counts, chosen)
  const cancelledByCard = by_card.intersection(cancelled)
  return {
    money: moneyOf(counts, chosen),
    sent_back,
    restocked: restockedOf(counts, chosen),
    events: {
      payment_success: sumOf(by_card, ordersIn),
      payment_failed: sumOf(by_card, (invoice) => ordersIn(invoice) * refusalsOf(invoice)),
      payment_refunded: sumOf(cancelledByCard, ordersIn) + parts.size,
      order_returned: [...sent_back.values()].filter((status) => status === 'returned').length,
    },
  }
}

function refusalsOf(invoice: string): number {
  return triesOf(invoice).filter(({ refused }) => refused).length
}

function moneyOf({ sales, parts }: Counts, chosen: Chosen): Map<string, Moved> {
  const money = new Map<string, Moved>()
  for (const invoice of chosen.by_card) {
    const { total } = sales.get(invoice)!
    money.set(invoice, { taken: total, given_back: chosen.cancelled.has(invoice) ? total : 0 })
  }
  for (const [part, { of }] of chosen.parts) money.get(of)!.given_back += parts.get(part)!.total
  return money
}

function sentBack({ sales, parts }: Counts, chosen: Chosen): ExpectedCards['sent_back'] {
  const piecesOf = (pieces: Map<string, number>) => sumOf(pieces.values(), (quantity) => quantity)
  const back = new Map<string, number>()
  for (const [part, { of, way }] of chosen.parts)
    if (way === 'return') add(back, of, piecesOf(parts.get(part)!.pieces))
  const statusOf = (of: string, pieces: number) =>
    pieces === piecesOf(sales.get(of)!.pieces) ? 'returned' : 'delivered'
  return new Map(back.entries().map(([of, pieces]) => [of, statusOf(of, pieces)]))
}

function restockedOf({ parts }: Counts, chosen: Chosen): Map<string, number> {
  const restocked = new Map<string, number>()
  for (const [part, { way }] of chosen.parts) {
    if (way === 'refund') continue
    for (const [article, quantity] of parts.get(part)!.pieces)
      add(restocked, article, quantity - writtenOff(part, article, quantity))
  }
  return restocked
}

import { hash } from 'node:crypto'

/** A try to pay with a method of the test provider. */
export interface Try {
  method: string
  refused?: true
  /** What the customer's browser says where the provider asks it. */
  says?: 'yes' | 'no'
}

/** A part of an order that came back: its money is given back by staff, or its pieces are returned first. */
export type WayBack = 'refund' | 'return'

/** Of 20 orders by card, how many are paid in which way; a method that comes to `processing` is waited for. */
const WAYS_TO_PAY: readonly (readonly [of_twenty: number, tries: readonly Try[]])[] = [
  [11, [{ method: 'tok_success' }]],
  [2, [{ method: 'tok_declined', refused: true }, { method: 'tok_success' }]],
  [1, [{ method: 'tok_insufficient_funds', refused: true }, { method: 'tok_success' }]],
  [
    1,
    [
      { method: 'tok_declined', refused: true },
      { method: 'tok_insufficient_funds', refused: true },
      { method: 'tok_requires_action', says: 'yes' },
    ],
  ],
  [3, [{ method: 'tok_requires_action', says: 'yes' }]],
  [1, [{ method: 'tok_requires_action', refused: true, says: 'no' }, { method: 'tok_success' }]],
  [1, [{ method: 'tok_timeout' }]],
]

/** Whether the orders of an invoice are paid by card: those of every fifth, the same in every replay. */
export function isByCard(invoice: string): boolean {
  return chanceOf('by card', invoice) < 1 / 5
}

/** How the orders of an invoice by card are paid; the last try succeeds. */
export function triesOf(invoice: string): readonly Try[] {
  let left = chanceOf('way to pay', invoice) * 20
  const way = WAYS_TO_PAY.find(([of_twenty]) => {
    left -= of_twenty
    return left < 0
  })
  return way![1]
}

/** What a cancelled invoice becomes that takes back a part of an order. */
export function wayBackOf(invoice: string): WayBack {
  return chanceOf('way back', invoice) < 1 / 2 ? 'refund' : 'return'
}

/** How many of the returned pieces of an article are written off: half of them, for every fourth article. */
export function writtenOff(invoice: string, sku: string, quantity: number): number {
  return chanceOf('write off', `${invoice} ${sku}`) < 1 / 4 ? Math.ceil(quantity / 2) : 0
}

/** A number from 0 to below 1 that depends on what is asked and of what, and on nothing else. */
function chanceOf(question: string, of: string): number {
  return hash('sha256', `${question} ${of}`, 'buffer').readUInt32BE() / 2 ** 32
}

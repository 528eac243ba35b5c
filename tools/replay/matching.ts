import type { Invoice } from './invoices.ts'

/** The sale that a cancelled invoice belongs to, as a whole or in part. */
export interface Match {
  of: string
  whole: boolean
}

interface Sold {
  invoice: string
  /** Pieces that were not taken back, by stock code and price. */
  left: Map<string, number>
  state: 'whole' | 'taken back in part' | 'cancelled'
}

/** Of the sales that have a line in common with a cancelled invoice, only so many of the newest are looked at. */
const MAX_CANDIDATES = 100

/** Finds the sales that cancelled invoices belong to. Guests have no identity to match. */
export function createMatching() {
  /** By customer and contents, oldest first. */
  const byContents = new Map<string, Sold[]>()
  /** By customer, stock code and price, oldest first: sales of which a part may come back. */
  const byLine = new Map<string, Sold[]>()

  /** The newest sale with the same lines of which nothing came back. */
  function wholeOf(invoice: Invoice): Sold | undefined {
    const open = byContents.get(contentsOf(invoice))
    let sold = open?.pop()
    while (sold && sold.state !== 'whole') sold = open!.pop()
    return sold
  }

  /** The newest sale of which everything on the invoice is left. */
  function partOf({ customer, quantities }: Invoice): Sold | undefined {
    const [line] = quantities.keys()
    const candidates = byLine.get(`${customer} ${line}`)?.slice(-MAX_CANDIDATES) ?? []
    return candidates.findLast(
      ({ state, left }) =>
        state !== 'cancelled' &&
        quantities.entries().every(([key, { quantity }]) => quantity <= (left.get(key) ?? 0)),
    )
  }

  return {
    /** Remembers a sale; `in_parts`: a part of it may come back, too. */
    add(invoice: Invoice, { in_parts }: { in_parts: boolean }): void {
      if (invoice.customer === '') return
      const sold: Sold = { invoice: invoice.number, left: new Map(), state: 'whole' }
      append(byContents, contentsOf(invoice), sold)
      if (!in_parts) return
      for (const [key, { quantity }] of invoice.quantities) {
        sold.left.set(key, quantity)
        append(byLine, `${invoice.customer} ${key}`, sold)
      }
    },
    /** Undefined where a cancelled invoice belongs to no sale. What it takes back is taken back. */
    take(invoice: Invoice): Match | undefined {
      if (invoice.customer === '' || invoice.quantities.size === 0) return undefined
      const whole = wholeOf(invoice)
      if (whole) {
        whole.state = 'cancelled'
        return { of: whole.invoice, whole: true }
      }
      const sold = partOf(invoice)
      if (!sold) return undefined
      sold.state = 'taken back in part'
      for (const [key, { quantity }] of invoice.quantities) sold.left.set(key, sold.left.get(key)! - quantity)
      return { of: sold.invoice, whole: false }
    },
  }
}

function append(lists: Map<string, Sold[]>, key: string, sold: Sold): void {
  const list = lists.get(key)
  if (list) list.push(sold)
  else lists.set(key, [sold])
}

function contentsOf({ customer, quantities }: Invoice): string {
  return JSON.stringify([
    customer,
    quantities
      .entries()
      .map(([key, { quantity }]) => `${key} ${quantity}`)
      .toArray()
      .sort(),
  ])
}

import type { WayBack } from './card-choices.ts'
import type { Pay, Plan } from './plan.ts'

/** What a plan chose of the file; everything else is counted from the lines. */
export interface Chosen {
  pay: Pay
  /** Sales. */
  replayed: ReadonlySet<string>
  /** Those of them that were cancelled. */
  cancelled: ReadonlySet<string>
  /** Those of them that were paid by card. */
  by_card: ReadonlySet<string>
  /** Cancelled invoices that take back a part of a sale by card: of which, and how. */
  parts: ReadonlyMap<string, { of: string; way: WayBack }>
}

export function chosenOf({ pay, visits }: Plan): Chosen {
  const chosen = {
    pay,
    replayed: new Set<string>(),
    cancelled: new Set<string>(),
    by_card: new Set<string>(),
    parts: new Map<string, { of: string; way: WayBack }>(),
  }
  for (const visit of visits) {
    if (visit.kind === 'cancellation') chosen.cancelled.add(visit.of)
    else if (visit.kind !== 'sale') chosen.parts.set(visit.invoice, { of: visit.of, way: visit.kind })
    else {
      chosen.replayed.add(visit.invoice)
      if (visit.by_card) chosen.by_card.add(visit.invoice)
    }
  }
  return chosen
}

import { sumOf } from './counting.ts'
import type { ExpectedCards, Moved } from './expected-cards.ts'
import { lookUntil } from './patience.ts'
import { readProviderLedger } from './provider-ledger.ts'
import type { PlacedOrder } from './shopping.ts'
import { type Finding, listedOrders, type Verification } from './verify.ts'

type Placed = ReadonlyMap<string, PlacedOrder[]>
type ByOrder = ReadonlyMap<string, Moved>

const NOTHING: Moved = { taken: 0, given_back: 0 }

/** Compares the ledgers of the orders by card with the file, waiting for money that is on its way. */
export async function compareLedgers(verification: Verification, placed: Placed): Promise<Finding[]> {
  const { cards } = verification.expected
  if (!cards) return []
  return lookUntil(
    async () => findingsOf('orders', { cards, placed, moved: await ledgersOf(verification, placed) }),
    (findings) => findings.every(({ file, shop }) => file === shop),
  )
}

async function ledgersOf(verification: Verification, placed: Placed): Promise<ByOrder> {
  const moved = new Map<string, Moved>()
  for await (const { order } of listedOrders(verification, placed)) {
    if (order.payment_method !== 'card') continue
    const sum = { ...NOTHING }
    for (const { kind, amount } of order.ledger) {
      if (kind === 'capture') sum.taken += amount.amount
      else sum.given_back -= amount.amount
    }
    moved.set(order.id, sum)
  }
  return moved
}

/** Compares the provider's own ledger with the file: each order, and all that came on top since `before`. */
export function compareProvider(
  { expected: { cards } }: Verification,
  placed: Placed,
  { path, before }: { path: string; before: ByOrder },
): Finding[] {
  if (!cards) return []
  return findingsOf('provider', { cards, placed, moved: readProviderLedger(path), before })
}

function findingsOf(
  whose: string,
  sides: { cards: ExpectedCards; placed: Placed; moved: ByOrder; before?: ByOrder },
): Finding[] {
  const { cards, placed, moved, before = new Map() } = sides
  const total = (field: keyof Moved) => ({
    file: sumOf(cards.money.values(), (money) => money[field]),
    shop: sumOf(moved.values(), (money) => money[field]) - sumOf(before.values(), (money) => money[field]),
  })
  const ofInvoice = (invoice: string, field: keyof Moved) =>
    sumOf(placed.get(invoice) ?? [], ({ id }) => (moved.get(id) ?? NOTHING)[field])
  const differing = [...cards.money].filter(
    ([invoice, { taken, given_back }]) =>
      ofInvoice(invoice, 'taken') !== taken || ofInvoice(invoice, 'given_back') !== given_back,
  )
  return [
    { what: `cards by ${whose}: minor units taken`, ...total('taken') },
    { what: `cards by ${whose}: minor units given back`, ...total('given_back') },
    { what: `cards by ${whose}: invoices that differ`, file: 0, shop: differing.length },
  ]
}

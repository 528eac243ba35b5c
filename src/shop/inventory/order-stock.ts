import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import type { StockOperation, StockVerdict } from '../../storage/stock.ts'
import { bookOf, type StockLine, summedLines } from './rules.ts'

export interface OrderStock {
  order_id: string
  lines: readonly StockLine[]
  actor: string
}

/** A line, summed over its stock document, and how its operation was judged. */
export interface LineVerdict extends StockLine {
  verdict: StockVerdict
}

type Work =
  | { kind: 'reserve' | 'release' | 'commit' }
  | { kind: 'restock'; ref: string }
  | { kind: 'takeIn'; ref: string }

interface Needs {
  apply(operations: readonly StockOperation[]): Promise<StockVerdict[]>
  clock: Clock
}

/**
 * What an order does to stock. Lines are summed per stock document, sorted and sent as one batch; each is
 * judged alone and may be repeated.
 */
export function createOrderStock({ apply, clock }: Needs) {
  async function each(order: OrderStock, work: Work): Promise<LineVerdict[]> {
    const at = clock.now()
    const lines = summedLines(order.lines)
    const verdicts = await apply(
      lines.map((line) => ({
        ...operationOn(line, order.order_id, work),
        event_id: newId('evt', at),
        at,
        actor: order.actor,
      })),
    )
    return lines.map((line, index) => ({ ...line, verdict: verdicts[index]! }))
  }
  return {
    /** Takes available pieces for the order. */
    reserve: (order: OrderStock) => each(order, { kind: 'reserve' }),
    /** Gives reserved pieces back and refuses a reserve that is still on its way. */
    release: (order: OrderStock) => each(order, { kind: 'release' }),
    /** Turns reserved pieces into sold ones. */
    commit: (order: OrderStock) => each(order, { kind: 'commit' }),
    /** Puts sold pieces back, once for each `ref`. */
    restock: ({ ref, ...order }: OrderStock & { ref: string }) => each(order, { kind: 'restock', ref }),
    /** Takes in pieces that were never sold from this stock, as a delivery; once for each `ref`. */
    takeIn: ({ ref, ...order }: OrderStock & { ref: string }) => each(order, { kind: 'takeIn', ref }),
  }
}

function operationOn({ quantity, ...key }: StockLine, order_id: string, work: Work) {
  if (work.kind !== 'takeIn') return { ...work, ...key, order_id, quantity }
  const reason = 'delivery'
  const delivery = { kind: 'adjust', reason, book: bookOf(reason), create: true } as const
  return { ...delivery, ...key, delta: quantity, ref: work.ref }
}

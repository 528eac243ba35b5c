import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import type { StockOperation, StockVerdict } from '../../storage/stock.ts'
import { type StockLine, summedLines } from './rules.ts'

export interface OrderStock {
  order_id: string
  lines: readonly StockLine[]
  actor: string
}

/** A line, summed over its stock document, and how its operation was judged. */
export interface LineVerdict extends StockLine {
  verdict: StockVerdict
}

interface Needs {
  apply(operations: readonly StockOperation[]): Promise<StockVerdict[]>
  clock: Clock
}

/**
 * What an order does to stock. Lines are summed per stock document, sorted and sent as one batch; each is
 * judged alone and may be repeated.
 */
export function createOrderStock({ apply, clock }: Needs) {
  async function each(
    order: OrderStock,
    operation: { kind: 'reserve' | 'release' | 'commit' } | { kind: 'restock'; ref: string },
  ): Promise<LineVerdict[]> {
    const at = clock.now()
    const lines = summedLines(order.lines)
    const verdicts = await apply(
      lines.map((line) => ({
        ...operation,
        ...line,
        order_id: order.order_id,
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
  }
}

import type { StockVerdict } from '../inventory/schema.ts'
import type { Rejection } from './change-rules.ts'

export interface JudgedLine {
  product_id: string
  sku: string
  quantity: number
  verdict: StockVerdict
}

/** Why an order cannot get its stock; undefined when all of it is reserved. */
export function rejectionOf(lines: readonly JudgedLine[]): Rejection | undefined {
  const short = lines.flatMap(({ verdict, ...line }) =>
    verdict.result === 'short' ? { ...line, available: verdict.available } : [],
  )
  if (short.length > 0) {
    return {
      reason: 'out_of_stock',
      refusal: {
        kind: 'conflict',
        code: 'insufficient_stock',
        message: 'There is not enough in stock; `lines` names what is left. Nothing was reserved.',
        extra: { lines: short },
      },
    }
  }
  if (lines.every(({ verdict }) => verdict.result === 'done' || verdict.result === 'already'))
    return undefined
  return {
    reason: 'unavailable',
    refusal: {
      kind: 'unavailable',
      code: 'stock_unavailable',
      message: 'The stock of something in this order cannot be changed just now; try again.',
    },
  }
}

/** Whether an operation that must happen has not: `missing` only means that there was nothing to give back. */
export function stillToDo({ verdict }: JudgedLine): boolean {
  return verdict.result === 'frozen' || verdict.result === 'full' || verdict.result === 'short'
}

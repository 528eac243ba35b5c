import type { Attempt } from '../history.ts'
import type { Facts } from './facts.ts'
import { logViolations } from './log.ts'
import { orderViolations } from './orders.ts'
import { promiseViolations } from './promises.ts'
import { secretViolations } from './secrets.ts'
import { stockViolations } from './stock.ts'

export interface Evidence {
  facts: Facts
  attempts: readonly Attempt[]
  /** Output, metrics and error bodies. */
  texts: readonly string[]
  canaries: Record<string, string>
}

/** Every violation of the invariants, each beginning with its id; empty when all hold. Meant for a shop at rest. */
export function check({ facts, attempts, texts, canaries }: Evidence): string[] {
  return [
    ...stockViolations(facts),
    ...promiseViolations(facts, attempts),
    ...orderViolations(facts),
    ...logViolations(facts, attempts),
    ...secretViolations(facts, texts, canaries),
  ]
}

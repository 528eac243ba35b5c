import type { Attempt } from '../history.ts'
import { firstCopies, republishedIn } from './copies.ts'
import type { Facts } from './facts.ts'
import { logViolations } from './log.ts'
import { mailViolations } from './mails.ts'
import { orderViolations } from './orders.ts'
import { paymentViolations } from './payments.ts'
import { promiseViolations } from './promises.ts'
import { secretViolations } from './secrets.ts'
import { type Stats, statsViolations } from './stats.ts'
import { stockViolations } from './stock.ts'
import { webhookViolations } from './webhooks.ts'

export interface Evidence {
  facts: Facts
  attempts: readonly Attempt[]
  /** Output, metrics and error bodies. */
  texts: readonly string[]
  canaries: Record<string, string>
  /** What GET /admin/stats said at rest. */
  stats?: Stats
}

/** Every violation of the invariants, each beginning with its id; empty when all hold. Meant for a shop at rest. */
export function check({ facts, attempts, texts, canaries, stats }: Evidence): string[] {
  // Orders and stock are told of by each event once, whatever the log repeats.
  const told: Facts = { ...facts, records: firstCopies(facts.records) }
  return [
    ...stockViolations(told),
    ...promiseViolations(told, attempts),
    ...orderViolations(told),
    ...paymentViolations(told, attempts),
    ...webhookViolations(told),
    ...mailViolations(told),
    ...logViolations(facts, attempts, republishedIn(texts)),
    ...(stats ? statsViolations(told, stats) : []),
    ...secretViolations(facts, texts, canaries),
  ]
}

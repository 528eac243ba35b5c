import type { Evidence } from './check/check.ts'
import { firstCopies, republishedIn } from './check/copies.ts'
import type { Facts } from './check/facts.ts'
import { grouped } from './check/grouped.ts'
import type { Attempt } from './history.ts'

/** What happened in a campaign, in lines for whoever started it. */
export function summaryOf({ facts, texts, attempts }: Evidence): string[] {
  const count = (kind: Attempt['kind'], outcome: Attempt['outcome']) =>
    attempts.filter((attempt) => attempt.kind === kind && attempt.outcome === outcome).length
  const unknown = attempts.filter(({ outcome }) => outcome === 'unknown').length
  const cards = facts.orders.filter(({ payment_method }) => payment_method === 'card').length
  return [
    `${attempts.length} attempts, of which ${unknown} with an unknown outcome`,
    `${facts.orders.length} orders (${cards} by card), ${count('order', 'ok')} times acknowledged, ${count('order', 'fail')} times refused; ${count('events', 'ok')} batches of clickstream acknowledged`,
    ...moneyOf(facts),
    ...noticesOf(facts),
    logOf(facts, texts),
  ]
}

function moneyOf({ orders, provider }: Facts): string[] {
  const done = (kind: string) =>
    provider.operations.filter((operation) => operation.kind === kind && operation.outcome === 'done').length
  const asked = orders
    .flatMap(({ payment }) => payment?.operations ?? [])
    .filter(({ tries = 0 }) => tries > 0)
  const settled = asked.filter(({ state }) => state === 'done' || state === 'refused').length
  return [
    `${provider.objects.length} payments begun, ${done('capture')} captures, ${done('refund')} refunds; ${settled} of ${asked.length} unknown outcomes settled`,
  ]
}

function noticesOf({ inbox, provider }: Facts): string[] {
  const outcomes = [...grouped(inbox, ({ outcome }) => outcome ?? 'not looked at')]
  const named = outcomes.map(([outcome, list]) => `${outcome} ${list.length}`).join(', ')
  const refused = provider.forgeries.filter(({ status }) => status >= 400 && status < 500).length
  return [
    `${inbox.length} of ${provider.notices.length} webhooks taken (${named}), ${refused} of ${provider.forgeries.length} forged ones refused`,
  ]
}

function logOf({ records }: Facts, texts: readonly string[]): string {
  const copies = records.length - firstCopies(records).length
  const { events, door } = republishedIn(texts)
  const said = [...events.values()].reduce((sum, times) => sum + times, door)
  return `${records.length} records in the log, ${copies} of them copies (${said} events were said to be sent again)`
}

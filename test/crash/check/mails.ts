import type { EventFact, Facts, MailFact, OrderFact } from './facts.ts'
import { grouped } from './grouped.ts'

/** Statuses that are mailed about, each once. */
const MAILED: Record<string, string> = { confirmed: 'order_confirmed', shipped: 'order_shipped' }

/**
 * I25: one mail for an order and kind, under a Message-ID that no other has; there for what the order's history and the log tell, and for
 * nothing else. How often the server is handed it is not counted: that may be more than once, under the same Message-ID.
 */
export function mailViolations({ mails, orders, records }: Facts): string[] {
  const ofOrder = grouped(mails, ({ order_id }) => order_id ?? '')
  const refunds = grouped(
    records.filter(({ type }) => type === 'payment_refunded'),
    ({ key }) => key,
  )
  const doubled = [...grouped(mails, ({ message_id }) => message_id)].filter(([, list]) => list.length > 1)
  const known = new Set(orders.map(({ id }) => id))
  return [
    ...doubled.map(([message_id, list]) => `I25: ${list.length} mails have the Message-ID ${message_id}`),
    ...[...ofOrder.keys()]
      .filter((id) => id !== '' && !known.has(id))
      .map((id) => `I25: there are mails about ${id}, which does not exist`),
    ...orders.flatMap((order) =>
      orderViolations(order, ofOrder.get(order.id) ?? [], refunds.get(order.id) ?? []),
    ),
  ]
}

function orderViolations(order: OrderFact, mails: MailFact[], refunds: EventFact[]): string[] {
  const reached = new Set(order.history.map(({ status }) => status))
  const counts = Object.entries(MAILED).map(([status, kind]) => [kind, reached.has(status) ? 1 : 0] as const)
  const cancelled = reached.has('confirmed') && reached.has('cancelled')
  return [
    ...counts,
    ['order_refunded', refunds.length] as const,
    ...(cancelled ? [['order_cancelled', 1] as const] : []),
  ]
    .map(([kind, wanted]) => ({ kind, wanted, found: mails.filter((mail) => mail.kind === kind).length }))
    .filter(({ wanted, found }) => wanted !== found)
    .map(
      ({ kind, wanted, found }) => `I25: ${order.id} has ${found} mails ${kind}, and should have ${wanted}`,
    )
}

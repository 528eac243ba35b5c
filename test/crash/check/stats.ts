import type { EventFact, Facts } from './facts.ts'
import { grouped } from './grouped.ts'

/** As much of the answer of GET /admin/stats as can be counted from the log. */
export interface Stats {
  as_of: string | null
  events: { by_type: Counts }
  orders: { by_status: Counts }
  revenue: { currency: string; amount: number; orders: number }[]
  users: { by_role: Counts; new: number }
  products: { total: number; active: number; low_stock: number }
}

type Counts = Record<string, number>

const NOT_REVENUE = ['pending', 'cancelled']

/** I20: what was added up event by event is what one gets who counts the log, in which each event stands once. */
export function statsViolations(facts: Facts, stats: Stats): string[] {
  const told = figuresOf(stats)
  const counted = countedIn(facts)
  return [...new Set([...told.keys(), ...counted.keys()])]
    .filter((figure) => (told.get(figure) ?? 0) !== (counted.get(figure) ?? 0))
    .map(
      (figure) =>
        `I20: the stats say ${told.get(figure) ?? 0} ${figure}, the log ${counted.get(figure) ?? 0}`,
    )
}

type Figures = Map<string, number | string>

function figuresOf({ as_of, events, orders, revenue, users, products }: Stats): Figures {
  return new Map<string, number | string>([
    ['as of', as_of ?? 0],
    ...named('events of', events.by_type),
    ...named('orders', orders.by_status),
    ...named('users', users.by_role),
    ['new customers', users.new],
    ['products', products.total],
    ['active products', products.active],
    ['SKUs with low stock', products.low_stock],
    ...revenue.flatMap(({ currency, amount, orders: count }): [string, number][] => [
      [`${currency} of revenue`, amount],
      [`orders that brought ${currency}`, count],
    ]),
  ])
}

function countedIn({ records }: Facts): Figures {
  const events = records.filter(({ topic }) => topic !== 'ecommerce-dead-letters')
  const orders = lastOf(events, 'ecommerce-orders', 'orders/')
  const users = events.filter(({ type }) => type === 'user_registered').map(({ data }) => data.role)
  const products = lastOf(events, 'ecommerce-inventory', 'products/').map(({ data }) => data.status)
  const low = lastOf(events, 'ecommerce-inventory', 'stock/').filter(({ data }) => data.low)
  const paying = orders.filter(({ data }) => !NOT_REVENUE.includes(data.status))
  return new Map<string, number | string>([
    [
      'as of',
      events
        .map(({ time }) => time)
        .sort()
        .at(-1) ?? 0,
    ],
    ...named('events of', counts(events.map(({ type }) => type))),
    ...named('orders', counts(orders.map(({ data }) => data.status))),
    ...named('users', counts(users)),
    ['new customers', users.filter((role) => role === 'customer').length],
    ['products', products.length],
    ['active products', products.filter((status) => status === 'active').length],
    ['SKUs with low stock', low.length],
    ...[...grouped(paying, ({ data }) => data.total.currency)].flatMap(
      ([currency, own]): [string, number][] => [
        [`${currency} of revenue`, own.reduce((sum, { data }) => sum + data.total.amount, 0)],
        [`orders that brought ${currency}`, own.length],
      ],
    ),
  ])
}

/** The last event of each subject of this kind: what it has come to. */
function lastOf(events: readonly EventFact[], topic: string, prefix: string): EventFact[] {
  const own = events.filter((event) => event.topic === topic && event.subject.startsWith(prefix))
  return [...grouped(own, ({ subject }) => subject).values()].map((list) => list.at(-1)!)
}

function counts(names: readonly string[]): Counts {
  return Object.fromEntries([...grouped(names, (name) => name)].map(([name, list]) => [name, list.length]))
}

function named(what: string, figures: Counts): [string, number][] {
  return Object.entries(figures).map(([name, count]) => [`${what} ${name}`, count])
}

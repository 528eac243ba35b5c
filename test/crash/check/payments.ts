import type { Attempt } from '../history.ts'
import type { Facts, ObjectFact, OrderFact } from './facts.ts'
import { grouped } from './grouped.ts'

const SOLD = new Set(['CONFIRMED', 'CAPTURED', 'COMMITTED'])
const UNDONE = new Set(['CANCELLED', 'REVERSED'])
const TAKEN = new Set(['CAPTURED', 'COMMITTED', 'REVERSED'])

/** I11 to I14: what the provider's ledger says of the money is what the orders say, and nobody holds or takes more. */
export function paymentViolations(facts: Facts, attempts: readonly Attempt[]): string[] {
  const objects = grouped(facts.provider.objects, ({ order_id }) => order_id)
  const orders = new Map(facts.orders.map((order) => [order.id, order]))
  return [
    ...facts.orders
      .filter(({ payment_method }) => payment_method === 'card')
      .flatMap((order) => orderMoney(order, objects.get(order.id) ?? [])),
    ...facts.provider.objects.flatMap((object) => objectViolations(object, orders.get(object.order_id))),
    ...operationViolations(facts, orders),
    ...promises(orders, attempts),
  ]
}

function orderMoney(order: OrderFact, objects: readonly ObjectFact[]): string[] {
  const violations: string[] = []
  const captures = objects.filter(({ captured }) => captured > 0)
  if (TAKEN.has(order.step)) {
    const [capture] = captures
    if (captures.length !== 1 || capture!.captured !== order.total || capture!.currency !== order.currency)
      violations.push(
        `I11: ${order.id} is ${order.step} over ${order.total} and has captures of ${captures.map(({ captured }) => captured).join(', ') || 'nothing'}`,
      )
  }
  const taken = captures.reduce((sum, { captured, refunded }) => sum + captured - refunded, 0)
  const recorded = (order.payment?.captured ?? 0) - (order.payment?.refunded ?? 0)
  if (taken !== recorded) violations.push(`I13: ${order.id} records ${recorded}, the ledger ${taken}`)
  if (order.step === 'REVERSED' && taken !== 0)
    violations.push(`I12: ${order.id} is REVERSED and keeps ${taken}`)
  const told = order.payment_status
  const right = told === statusOf(order)
  if (!right) violations.push(`I13: ${order.id} is ${order.step} and says ${told}, not ${statusOf(order)}`)
  return violations
}

/** What the money recorded in an order means. */
function statusOf({ payment, payment_status }: OrderFact): string {
  const { captured = 0, refunded = 0 } = payment ?? {}
  if (captured === 0) return payment_status === 'paid' ? 'not paid' : payment_status
  if (refunded === 0) return 'paid'
  return refunded === captured ? 'refunded' : 'partially_refunded'
}

function objectViolations(object: ObjectFact, order: OrderFact | undefined): string[] {
  if (!order) return [`I12: the provider's ${object.id} is for ${object.order_id}, which does not exist`]
  const violations: string[] = []
  if (object.state === 'authorised')
    violations.push(`I12: ${object.id} still holds the money of ${order.id}, which is ${order.step}`)
  if (object.captured > 0 && !SOLD.has(order.step) && order.step !== 'REVERSED')
    violations.push(`I12: ${object.id} took money for ${order.id}, which is ${order.step}`)
  if (object.refunded > object.captured) violations.push(`I13: ${object.id} gave back more than it took`)
  return violations
}

/**
 * I14: every operation of the ledger was intended by its order, or gives back what an order that is over holds: its key then
 * names the object.
 */
function operationViolations(facts: Facts, orders: ReadonlyMap<string, OrderFact>): string[] {
  const keys = grouped(facts.provider.operations, ({ key }) => key)
  const owners = new Map(facts.provider.objects.map((object) => [object.id, orders.get(object.order_id)]))
  return [...keys].flatMap(([key, list]) => {
    const [id, kind, number] = key.split(':')
    const intended =
      id === 'reconcile'
        ? UNDONE.has(owners.get(kind!)?.step ?? '')
        : orders
            .get(id!)
            ?.payment?.operations.some((one) => one.kind === kind && String(one.number) === number)
    return [
      ...(list.length > 1 ? [`I14: ${key} stands ${list.length} times in the ledger`] : []),
      ...(intended ? [] : [`I14: ${key} was never intended`]),
    ]
  })
}

/** I7 of money: a payment that was told to have succeeded has, a refund that was told too. */
function promises(orders: ReadonlyMap<string, OrderFact>, attempts: readonly Attempt[]): string[] {
  const told = attempts.filter(({ outcome, text }) => outcome === 'ok' && text.includes('"succeeded"'))
  const idOf = ({ request }: Attempt) => (request as { id: string }).id
  const unpaid = told
    .filter(({ kind }) => kind === 'pay')
    .map((attempt) => ({ id: idOf(attempt), order: orders.get(idOf(attempt)) }))
    .filter(({ order }) => !order || (!SOLD.has(order.step) && order.step !== 'REVERSED'))
    .map(({ id, order }) => `I7: ${id} was paid with an answer and is ${order?.step}`)
  const kept = told
    .filter(({ kind }) => kind === 'refund')
    .map((attempt) => ({ id: idOf(attempt), refund: JSON.parse(attempt.text) as { id: string } }))
    .filter(({ id, refund }) => !isDone(orders.get(id), refund.id))
    .map(({ id, refund }) => `I7: the refund ${refund.id} of ${id} was told and is not there`)
  return [...unpaid, ...kept]
}

function isDone(order: OrderFact | undefined, id: string): boolean {
  return order?.payment?.operations.some((one) => one.id === id && one.state === 'done') ?? false
}

import { Refusal } from '../../src/kernel/errors.ts'
import type { Outcome, PaymentObject, PaymentProvider } from '../../src/payments/provider.ts'
import { createDriver } from '../../src/shop/orders/driver.ts'
import { createNoticing } from '../../src/shop/orders/noticing.ts'
import { createPaying } from '../../src/shop/orders/paying.ts'
import type { PaymentOperation } from '../../src/shop/orders/payment-schema.ts'
import { createReconciling } from '../../src/shop/orders/reconciling.ts'
import type { Order } from '../../src/shop/orders/schema.ts'
import type { Commit } from '../../src/shop/orders/step-rules.ts'

export const TOTAL = 4_000
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** What the provider answers to a refund; by default it gives back what it has. */
export type AnswerRefund = (key: string, amount: number) => Outcome | undefined

/** One order and its object at a provider, whose hands the test has; the clock is the test's, too. */
export function world(start: Pick<Order, 'step' | 'status'> & { operations: PaymentOperation[] }) {
  let now = Date.parse('2026-06-01T00:00:00Z')
  const at = () => new Date(now).toISOString()
  const sum = (kind: string) =>
    start.operations
      .filter((one) => one.kind === kind && one.state === 'done')
      .reduce((all, { amount }) => all + amount, 0)
  let order = {
    ...{ id: 'ord_1', version: 1, number: 'N', user_id: 'usr_1', lines: [], currency: 'USD', total: TOTAL },
    ...{ payment_method: 'card', payment_status: 'processing', sequences: { 'ecommerce-orders': 1 } },
    ...{ placed_at: at(), created_at: at(), updated_at: at(), step: start.step, status: start.status },
    history: [{ step: start.step, status: start.status, at: at(), by: 'usr_1' }],
    payment: {
      ...{ provider: 'p', object_id: 'obj', operations: start.operations },
      ...{ captured: sum('capture'), refunded: sum('refund') },
    },
  } as unknown as Order
  const object: PaymentObject = {
    ...{ id: 'obj', order_id: 'ord_1', amount: TOTAL, currency: 'USD', state: 'captured' },
    ...{ captured: TOTAL, refunded: sum('refund'), created_at: now - 600_000 },
  }
  const told: { type: string; amount: number }[] = []
  const orders = {
    get: async () => structuredClone(order),
    getMany: async () => [structuredClone(order)],
    async replace(document: Order, events: Commit['events'] = []) {
      if (order.version !== document.version) throw new Refusal('version_conflict', 'version_moved', 'Moved.')
      order = structuredClone({ ...document, version: document.version + 1 })
      for (const { type, data } of events) {
        const { amount } = data as { amount?: { amount: number } }
        if (amount) told.push({ type, amount: amount.amount })
      }
      return structuredClone(order)
    },
  }
  const keys: string[] = []
  const hands = {
    refund: (() => undefined) as AnswerRefund,
    capture: (): Outcome => ({ outcome: 'refused', code: 'wrong_state', object: { ...object } }),
  }
  const provider = {
    name: 'p',
    find: async () => ({ ...object }),
    list: async () => [{ ...object }],
    authorise: async () => ({ outcome: 'done', object: { ...object } }),
    capture: async () => hands.capture(),
    cancel: async () => ({ outcome: 'refused', code: 'wrong_state', object: { ...object } }),
    async refund({ key, amount }: { key: string; amount: number }): Promise<Outcome> {
      keys.push(key)
      const answer = hands.refund(key, amount)
      if (answer) return answer
      if (object.refunded + amount > object.captured)
        return { outcome: 'refused', code: 'too_much', object: { ...object } }
      object.refunded += amount
      return { outcome: 'done', object: { ...object } }
    },
  } as unknown as PaymentProvider
  const clock = { now: () => now }
  const done = async () => []
  const driver = createDriver({
    ...{ orders, clock, nodes: 'one', start_id: 'run_1', hold_ms: 60_000 },
    inventory: { reserve: done, release: done, commit: done, restock: done, takeIn: done },
    carts: { emptying: async () => async () => {} } as never,
    paying: createPaying({
      ...{ provider, logger: silent },
      breaker: { heard() {}, silent() {}, mayAsk: () => true },
    }),
  })
  const reconciling = createReconciling({ orders, provider, driver, clock, logger: silent })
  const answering = { goOn() {} }
  const { hear } = createNoticing({ orders, driver, answering, reconciling, logger: silent })

  return {
    ...{ object, hands, keys, told, driver, orders, hear, reconcile: reconciling.reconcile },
    order: () => order,
    /** Step, payment status, what was taken and given back, and what a human should look at. */
    sums: () => {
      const { step, payment_status, payment, attention } = order
      return [step, payment_status, payment!.captured, payment!.refunded, attention?.why]
    },
    async write(commit: Commit | undefined): Promise<void> {
      await driver.advance(await orders.replace(commit!.document, commit!.events))
    },
    /** Lets time pass, with a recovery every hour. */
    async pass(hours: number): Promise<void> {
      for (let hour = 0; hour < hours; hour++) {
        now += 3_600_000
        await driver.advance(await orders.get())
      }
    },
    notice: (more: object = {}, failed_refund?: string) => ({
      ...{ id: 'ntc_1', type: 'told', ...(failed_refund && { failed_refund }) },
      object: { id: 'obj', order_id: 'ord_1', ...more },
    }),
  }
}

let made = 0
export function operation(
  kind: PaymentOperation['kind'],
  state: PaymentOperation['state'],
  amount: number,
  more: Partial<PaymentOperation> = {},
): PaymentOperation {
  const at = '2026-06-01T00:00:00.000Z'
  return { id: `pay_${++made}`, kind, number: 1, state, amount, at, ...more }
}

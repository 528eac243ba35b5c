import type { Logger } from '../../kernel/logger.ts'
import type { Outcome, PaymentProvider } from '../../payments/provider.ts'
import type { Breaker } from './breaker.ts'
import { moneyMoved, refusedPayment } from './order-event-rules.ts'
import { askedOf, keyOf, lastOf, openOf, withOutcome } from './payment-rules.ts'
import type { PaymentOperation, PaymentWork } from './payment-schema.ts'
import { afterNo } from './refused-rules.ts'
import type { Order } from './schema.ts'
import { type Commit, kept, type Mark } from './step-rules.ts'
import { settledTrouble, withTrouble } from './trouble-rules.ts'

export interface PayingNeeds {
  /** Undefined where cards are not taken: what was begun waits. */
  provider: PaymentProvider | undefined
  breaker: Pick<Breaker, 'heard' | 'silent' | 'mayAsk'>
  logger: Pick<Logger, 'error' | 'warn'>
}

type No = Extract<Outcome, { outcome: 'refused' }>

/** `go`: the work is done and belongs into the order that moves on; `stay`: what became of it is kept, and the order stays. */
export type Paid = { go: Order } | { stay: Commit }

/** No call to a provider lasts longer; what it then comes to is not known. */
const DEADLINE_MS = 10_000
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 60_000
const JITTER = 0.2
/** How often it is looked whether the browser has done what was asked. */
const LOOK_AGAIN_MS = 15_000

/** Does the provider's part of a step, under the key of the stored intent; any number may do it at once. */
export function createPaying({ provider, breaker, logger }: PayingNeeds) {
  async function pay(order: Order, kind: PaymentWork, mark: Mark): Promise<Paid> {
    const operation = openOf(order, kind) ?? (kind === 'authorise' ? askedOf(order) : undefined)
    if (!operation) return { go: order }
    const outcome = await ask(order, operation)
    if (outcome === 'nothing to cancel') return { go: withOutcome(order, operation, { state: 'done' }) }
    if (outcome.outcome === 'unknown') return { stay: notKnown(order, operation, outcome.reason, mark) }
    const strange = strangeness(order, operation, outcome)
    if (strange) {
      logger.error({ alert: 'payment_mismatch', order_id: order.id, operation, outcome }, strange)
      const held = withTrouble(order, 'payment_mismatch', mark, operation)
      return { stay: notKnown(held, operation, strange, mark) }
    }
    if (outcome.outcome === 'done') return { go: done(order, operation, outcome.object.id) }
    if (outcome.outcome === 'needs_action') {
      const change = { state: 'needs_action', action: outcome.action } as const
      const document = withOutcome(order, operation, change, { retry_at: mark.now + LOOK_AGAIN_MS })
      return { stay: kept(document, mark) }
    }
    return whenRefused(order, operation, outcome, mark)
  }

  function whenRefused(order: Order, operation: PaymentOperation, { code, object }: No, mark: Mark): Paid {
    const { kind, request, id } = operation
    if (kind === 'create' || kind === 'authorise') return { stay: refused(order, operation, code, mark) }
    const told = { order_id: order.id, operation: id, code, object }
    if (kind === 'refund' && request !== undefined) {
      logger.error({ alert: 'refund_failed', ...told }, 'a provider refuses a refund')
      const failed = withOutcome(order, operation, { state: 'refused', code })
      return { stay: kept(withTrouble(failed, 'refund_failed', mark, operation), mark) }
    }
    // What has to succeed in the end: the object shows why it does not, or a human looks and it is tried again.
    logger.error({ alert: 'payment_stuck', ...told }, 'a provider refuses')
    const stuck = withTrouble(order, 'payment_stuck', mark, operation)
    const after = afterNo(order, { operation, code, object }, mark)
    return after ?? { stay: notKnown(stuck, operation, code, mark) }
  }

  async function ask(order: Order, operation: PaymentOperation): Promise<Outcome | 'nothing to cancel'> {
    if (!provider || provider.name !== order.payment!.provider)
      return { outcome: 'unknown', reason: `the provider ${order.payment!.provider} is not there` }
    const { kind, amount } = operation
    if (kind === 'create') return create(order, operation)
    const found = order.payment!.object_id ?? (await objectOf(order))
    if (typeof found !== 'string') return found
    const on = { key: keyOf(order, operation), object_id: found }
    switch (kind) {
      case 'authorise':
        return answered(() => provider.authorise({ ...on, method: operation.method! }))
      case 'capture':
        return answered(() => provider.capture({ ...on, amount }))
      case 'cancel':
        return answered(() => provider.cancel(on))
      case 'refund':
        return answered(() => provider.refund({ ...on, amount }))
    }
  }

  function create(order: Order, operation: PaymentOperation): Promise<Outcome> {
    const { id: order_id, currency } = order
    const wanted = { key: keyOf(order, operation), order_id, amount: operation.amount, currency }
    return answered(() => provider!.create(wanted))
  }

  /** Of an order that was cancelled before it heard of its object: the same key brings it, or says that there is none. */
  async function objectOf(order: Order): Promise<string | Outcome | 'nothing to cancel'> {
    const made = order.payment!.operations.findLast(
      ({ kind, state }) => kind === 'create' && state !== 'refused',
    )
    const outcome: Outcome = made
      ? await create(order, made)
      : { outcome: 'unknown', reason: 'its object is not known' }
    if (outcome.outcome === 'done') return outcome.object.id
    return outcome.outcome === 'refused' ? 'nothing to cancel' : outcome
  }

  /** What the provider says in time. One that is away is not asked, but now and then. */
  async function answered(call: () => Promise<Outcome>): Promise<Outcome> {
    if (!breaker.mayAsk()) return { outcome: 'unknown', reason: 'the provider is away' }
    const outcome = await within(call())
    if (outcome.outcome === 'unknown') breaker.silent()
    else breaker.heard()
    return outcome
  }

  function notKnown(order: Order, operation: PaymentOperation, reason: string, mark: Mark): Commit {
    const tries = (operation.tries ?? 0) + 1
    logger.warn({ order_id: order.id, operation: operation.id, tries, reason }, 'a payment is not known')
    const pause = Math.min(FIRST_RETRY_MS * 2 ** Math.min(tries - 1, 10), LAST_RETRY_MS)
    const retry_at = mark.now + Math.round(pause * (1 + JITTER * Math.random()))
    return kept(withOutcome(order, operation, { state: 'unknown', tries }, { retry_at }), mark)
  }

  return { pay }
}

function done(order: Order, operation: PaymentOperation, object_id: string): Order {
  const { kind, amount } = operation
  const { captured, refunded } = order.payment!
  const sums = {
    object_id,
    ...(kind === 'capture' && { captured: captured + amount }),
    ...(kind === 'refund' && { refunded: refunded + amount }),
  }
  return settledTrouble(withOutcome(order, operation, { state: 'done' }, sums), operation)
}

/** The order stays for another method. */
function refused(order: Order, operation: PaymentOperation, code: string, mark: Mark): Commit {
  const change = { state: 'refused', code } as const
  // Without an object nothing comes of the try that wanted it; of several tries each has its own outcome.
  const own = withOutcome(order, operation, change)
  const settled = operation.kind === 'create' ? withOutcome(own, lastOf(order, 'authorise')!, change) : own
  const document: Order = { ...settled, payment_status: 'failed' }
  const told = [refusedPayment(document, code, mark), moneyMoved({ before: order, after: document, mark })]
  return { ...kept(document, mark), events: told }
}

/** What the provider says of its object must be what was asked for. */
function strangeness(
  order: Order,
  { kind }: PaymentOperation,
  outcome: Exclude<Outcome, { outcome: 'unknown' }>,
): string | undefined {
  if (!outcome.object) return undefined
  const { id, order_id, amount, currency } = outcome.object
  const known = order.payment!.object_id
  if (order_id !== order.id || (known !== undefined && id !== known))
    return "the provider tells of another order's object"
  // Whatever it is worth, it can be given back.
  if (kind === 'cancel') return undefined
  if (amount !== order.total || currency !== order.currency) return 'the provider tells of another amount'
  return undefined
}

async function within(asked: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Outcome>((resolve) => {
    const reason = `no answer within ${DEADLINE_MS / 1_000} s`
    timer = setTimeout(resolve, DEADLINE_MS, { outcome: 'unknown', reason })
  })
  const answered = asked.catch((error: Error): Outcome => ({ outcome: 'unknown', reason: error.message }))
  try {
    return await Promise.race([answered, late])
  } finally {
    clearTimeout(timer)
  }
}

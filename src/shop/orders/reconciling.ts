import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Outcome, PaymentObject, PaymentProvider } from '../../payments/provider.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Driver } from './driver.ts'
import { adopted, missed, settleRefused } from './elsewhere-rules.ts'
import { type Claim, claimOn, differs } from './reconcile-rules.ts'
import type { Order } from './schema.ts'
import type { Commit } from './step-rules.ts'

export interface ReconcilingNeeds {
  orders: Pick<Collection<Order>, 'getMany' | 'replace'>
  provider: PaymentProvider | undefined
  driver: Pick<Driver, 'mark'>
  clock: Clock
  logger: Pick<Logger, 'error' | 'warn'>
}

export type Reconciling = ReturnType<typeof createReconciling>

const LOOK_BACK_MS = 48 * 60 * 60 * 1_000
const PAGE = 200
/** More that cannot be compared in one pass mean that the provider is away. */
const MAX_FAILURES = 5

interface Settled {
  key: string
  give: Claim['give']
  outcome: Outcome
}

/** Compares what the provider has with the orders: what nobody owns is given back, what others did is written down. */
export function createReconciling({ orders, provider, driver, clock, logger }: ReconcilingNeeds) {
  /** Says how much was given back. Throws when the provider does not answer. */
  async function reconcile(): Promise<number> {
    if (!provider) return 0
    let settled = 0
    let failures = 0
    let after: PaymentObject | null = null
    do {
      const page: PaymentObject[] = await provider.list(clock.now() - LOOK_BACK_MS, after, PAGE)
      for (const object of await inNeed(page)) {
        try {
          if (await compare(object)) settled++
        } catch (error) {
          // Somebody else is at work on the order; it is compared again.
          if (isRefusal(error, 'version_moved')) continue
          if (++failures > MAX_FAILURES) throw error
          logger.warn({ err: error, object }, 'a payment cannot be compared with its order; it comes again')
        }
      }
      after = page.length < PAGE ? null : page.at(-1)!
      if (after) await turn()
    } while (after)
    return settled
  }

  async function inNeed(page: readonly PaymentObject[]): Promise<PaymentObject[]> {
    const owners = await orders.getMany([...new Set(page.map(({ order_id }) => order_id))])
    const byId = new Map(owners.map((order) => [order.id, order]))
    return page.filter((object) => {
      const order = byId.get(object.order_id)
      return claimOn(object, order, clock.now()) || (order && differs(object, order))
    })
  }

  /**
   * Compares one object with its order; says whether something was given back. Throws when the provider does not answer, and
   * `version_moved` when somebody else was at work on the order.
   */
  async function compare({ id, order_id }: Pick<PaymentObject, 'id' | 'order_id'>): Promise<boolean> {
    // The order first: what is then written to it as it was read cannot miss what the object tells.
    const [order] = await orders.getMany([order_id])
    const object = await provider?.find(id)
    if (!object) return false
    const claim = claimOn(object, order, clock.now())
    const settled = claim && (await settle(object, claim))
    if (order) await write(settled ? afterSettling(order, object, settled) : known(order, object))
    return settled?.outcome.outcome === 'done'
  }

  async function settle(object: PaymentObject, { give, why }: Claim): Promise<Settled> {
    // A refund that fails later leaves the sum as it was, and so the key: staff decide then.
    const key = `reconcile:${object.id}:${give}:${object.refunded}`
    const on = { key, object_id: object.id }
    const amount = object.captured - object.refunded
    const outcome = await (give === 'cancel' ? provider!.cancel(on) : provider!.refund({ ...on, amount }))
    logger.error({ alert: 'payment_orphan', object, give, outcome: outcome.outcome }, why)
    return { key, outcome, give }
  }

  function afterSettling(order: Order, object: PaymentObject, { key, outcome, give }: Settled) {
    const mark = driver.mark()
    if (outcome.outcome === 'done') return adopted(order, [object, { ...outcome.object, key }], mark)
    if (outcome.outcome !== 'refused' || give === 'cancel') return known(order, object)
    return settleRefused(order, outcome.object ?? object, { key, code: outcome.code }, mark)
  }

  function known(order: Order, object: PaymentObject): Commit | undefined {
    const mark = driver.mark()
    return adopted(order, [object], mark) ?? missed(order, object, mark)
  }

  async function write(commit: Commit | undefined): Promise<void> {
    if (!commit) return
    await orders.replace(commit.document, commit.events)
    const { id: order_id, payment, attention } = commit.document
    logger.error(
      { alert: 'payment_elsewhere', order_id, payment, attention },
      'the payment provider and an order told of different sums',
    )
  }

  return { reconcile, compare }
}

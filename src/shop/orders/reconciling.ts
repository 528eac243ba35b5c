import type { Clock } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { PaymentObject, PaymentProvider } from '../../payments/provider.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Driver } from './driver.ts'
import { adopted, type Claim, claimOn } from './reconcile-rules.ts'
import type { Order } from './schema.ts'

export interface ReconcilingNeeds {
  orders: Pick<Collection<Order>, 'getMany' | 'replace'>
  provider: PaymentProvider | undefined
  driver: Pick<Driver, 'mark'>
  clock: Clock
  logger: Pick<Logger, 'error'>
}

export type Reconciling = ReturnType<typeof createReconciling>

const LOOK_BACK_MS = 48 * 60 * 60 * 1_000
const PAGE = 200

/** Compares what the provider has with the orders: what nobody owns is given back, what others did is written down. */
export function createReconciling({ orders, provider, driver, clock, logger }: ReconcilingNeeds) {
  /** Says how much was given back. Throws when the provider does not answer. */
  async function reconcile(): Promise<number> {
    if (!provider) return 0
    let settled = 0
    let after: PaymentObject | null = null
    do {
      const page: PaymentObject[] = await provider.list(clock.now() - LOOK_BACK_MS, after, PAGE)
      const owners = await orders.getMany([...new Set(page.map(({ order_id }) => order_id))])
      const byId = new Map(owners.map((order) => [order.id, order]))
      for (const object of page) if (await compareWith(object, byId.get(object.order_id))) settled++
      after = page.length < PAGE ? null : page.at(-1)!
    } while (after)
    return settled
  }

  /** Compares one object with its order. Throws when the provider does not answer. */
  async function compare(object_id: string): Promise<void> {
    const object = await provider?.find(object_id)
    if (!object) return
    const [order] = await orders.getMany([object.order_id])
    await compareWith(object, order)
  }

  /** Says whether something was given back. */
  async function compareWith(object: PaymentObject, order: Order | undefined): Promise<boolean> {
    const claim = claimOn(object, order, clock.now())
    const settled = claim && (await settle(object, claim))
    if (order) await adopt(order, settled ?? object)
    return settled !== undefined
  }

  async function settle(object: PaymentObject, { give, why }: Claim): Promise<PaymentObject | undefined> {
    const key = `reconcile:${object.id}:${give}:1`
    const on = { key, object_id: object.id }
    const amount = object.captured - object.refunded
    const settled = await (give === 'cancel' ? provider!.cancel(on) : provider!.refund({ ...on, amount }))
    logger.error({ alert: 'payment_orphan', object, give, outcome: settled.outcome }, why)
    return settled.outcome === 'done' ? settled.object : undefined
  }

  async function adopt(order: Order, object: PaymentObject): Promise<void> {
    const commit = adopted(order, object, driver.mark())
    if (!commit) return
    try {
      await orders.replace(commit.document, commit.events)
      logger.error(
        { alert: 'payment_elsewhere', order_id: order.id, object },
        'money was moved at the provider by somebody else; the order has it now',
      )
    } catch (error) {
      // Somebody else is at work on the order; it is compared again.
      if (!isRefusal(error, 'version_moved')) throw error
    }
  }

  return { reconcile, compare }
}

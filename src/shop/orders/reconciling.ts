import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { PaymentObject, PaymentProvider } from '../../payments/provider.ts'
import type { Collection } from '../../storage/storage.ts'
import { type Claim, claimOn } from './reconcile-rules.ts'
import type { Order } from './schema.ts'

export interface ReconcilingNeeds {
  orders: Pick<Collection<Order>, 'getMany'>
  provider: PaymentProvider | undefined
  clock: Clock
  logger: Pick<Logger, 'error'>
}

const LOOK_BACK_MS = 48 * 60 * 60 * 1_000
const PAGE = 200

/** Compares what the provider has with the orders: what nobody owns is given back. There should be none. */
export function createReconciling({ orders, provider, clock, logger }: ReconcilingNeeds) {
  /** Says how much was given back. Throws when the provider does not answer. */
  async function reconcile(): Promise<number> {
    if (!provider) return 0
    let settled = 0
    let after: PaymentObject | null = null
    do {
      const page: PaymentObject[] = await provider.list(clock.now() - LOOK_BACK_MS, after, PAGE)
      const owners = await orders.getMany([...new Set(page.map(({ order_id }) => order_id))])
      const byId = new Map(owners.map((order) => [order.id, order]))
      for (const object of page) {
        const claim = claimOn(object, byId.get(object.order_id), clock.now())
        if (claim && (await settle(object, claim))) settled++
      }
      after = page.length < PAGE ? null : page.at(-1)!
    } while (after)
    return settled
  }

  async function settle(object: PaymentObject, { give, why }: Claim): Promise<boolean> {
    const key = `reconcile:${object.id}:${give}:1`
    const on = { key, object_id: object.id }
    const amount = object.captured - object.refunded
    const { outcome } = await (give === 'cancel' ? provider!.cancel(on) : provider!.refund({ ...on, amount }))
    logger.error({ alert: 'payment_orphan', object, give, outcome }, why)
    return outcome === 'done'
  }

  return { reconcile }
}

import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Answering } from './answering.ts'
import type { Driver } from './driver.ts'
import { type NoticeOutcome, noticed } from './notice-rules.ts'
import type { Notice } from './payment-schema.ts'
import type { Reconciling } from './reconciling.ts'
import type { Order } from './schema.ts'

export interface NoticingNeeds {
  orders: Pick<Collection<Order>, 'get' | 'replace'>
  driver: Driver
  answering: Pick<Answering, 'goOn'>
  reconciling: Pick<Reconciling, 'compare'>
  logger: Pick<Logger, 'error'>
}

/** A driver at work on the order may be first a few times. */
const MAX_ATTEMPTS = 8

/** Looks where a provider's notice points to. */
export function createNoticing({ orders, driver, answering, reconciling, logger }: NoticingNeeds) {
  /**
   * Takes a notice, whose repeat does no harm; says what it came to. Throws when the storage or the provider is away, or others
   * change the order all the time: then it is to be taken again.
   */
  async function hear(notice: Notice): Promise<NoticeOutcome> {
    const { object } = notice
    if (!object) return 'other_type'
    for (let attempt = 1; ; attempt++) {
      const order = await orders.get(object.order_id)
      if (!order) return tell('unknown_order', notice)
      const { outcome, commit, again } = noticed(order, notice, driver.mark())
      try {
        const written = commit ? await orders.replace(commit.document, commit.events) : order
        if (outcome === 'driven') answering.goOn(written)
        if (outcome === 'compared') await reconciling.compare(object)
        if (again) throw new Refusal('unavailable', 'order_in_motion', 'A refund of this order is under way.')
        return tell(outcome, notice)
      } catch (error) {
        if (!isRefusal(error, 'version_moved') || attempt === MAX_ATTEMPTS) throw error
      }
    }
  }

  function tell(outcome: NoticeOutcome, notice: Notice): NoticeOutcome {
    if (outcome === 'unknown_order' || outcome === 'mismatch')
      logger.error({ alert: 'payment_mismatch', notice }, 'a notice of the payment provider fits no order')
    if (outcome === 'refund_failed')
      logger.error({ alert: 'refund_failed', notice }, 'a refund failed after it was accepted')
    return outcome
  }

  return { hear }
}

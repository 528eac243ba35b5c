import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import { type Periodic, periodically } from '../../kernel/periodic.ts'
import type { Delivery, Heard, NoticeFault, PaymentProvider } from '../../payments/provider.ts'
import { removeInSteps } from '../../storage/remove-in-steps.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Orders } from '../orders/orders.ts'
import { entryOf, LONGEST_WAIT_MS, postponed, settled } from './rules.ts'
import { INBOX, type InboxEntry } from './schema.ts'

export interface WebhooksOptions {
  storage: Pick<Storage, 'collection'>
  /** Undefined where cards are not taken. */
  provider: Pick<PaymentProvider, 'name' | 'hear'> | undefined
  orders: Pick<Orders, 'hear'>
  clock: Clock
  logger: Logger
}

export type Webhooks = ReturnType<typeof createWebhooks>

/** A bit over what a notice waits anyway: what a crash left is looked at after the next start, or here. */
const LOOK_EVERY_MS = 5_000
const PAGE = 100
/** Longer than providers repeat a notice. */
const REMEMBERED_MS = 30 * 24 * 60 * 60 * 1_000

const WHY: Record<NoticeFault, string> = {
  unsigned: 'The signature is missing.',
  wrong_signature: 'The signature is not over these bytes with our secret.',
  stale: 'The signature is from another time.',
  wrong_mode: 'The notice is of the other mode, test or live, than this shop.',
  malformed: 'This is no notice of the provider.',
}

/** What payment providers tell by themselves: stored, answered, and looked at behind the answer, also after a crash. */
export function createWebhooks({ storage, provider, orders, clock, logger }: WebhooksOptions) {
  const inbox = storage.collection(INBOX)
  let refused = 0
  let worker: Periodic | undefined

  /**
   * Takes a delivery; resolves when it is stored, or was before. Throws `not_found` for a provider that the shop does not have
   * and `webhook_refused` for what is not signed by it; of that nothing is kept but a number.
   */
  async function take(name: string, delivery: Delivery): Promise<void> {
    if (name !== provider?.name)
      throw new Refusal('not_found', 'not_found', 'This shop has no such provider.')
    const heard: Heard = provider.hear(delivery)
    if ('refused' in heard) {
      refused++
      throw new Refusal('malformed', 'webhook_refused', WHY[heard.refused])
    }
    const now = clock.now()
    try {
      await inbox.insert(entryOf(name, heard.notice, { now, at: timestamp(now) }))
    } catch (error) {
      if (!isRefusal(error, 'duplicate')) throw error
    }
    worker?.wake()
  }

  /** Looks at every entry that is due. */
  async function settleDue(): Promise<void> {
    const now = clock.now()
    await settleIn({ before: now + 1 })
    await settleIn({ from: now + LONGEST_WAIT_MS })
  }

  async function settleIn(range: { before: number } | { from: number }): Promise<void> {
    for (;;) {
      const { items, next } = await inbox.list({ index: 'due', range, limit: PAGE })
      await Promise.all(items.map(settle))
      if (!next) return
    }
  }

  async function settle(entry: InboxEntry): Promise<void> {
    const after = await lookedAt(entry)
    try {
      await inbox.replace(after)
    } catch (error) {
      // Another node has looked at it, too.
      if (!isRefusal(error, 'version_moved')) throw error
    }
  }

  async function lookedAt(entry: InboxEntry): Promise<InboxEntry> {
    try {
      return settled(entry, await orders.hear(entry.notice), timestamp(clock.now()))
    } catch (error) {
      logger.warn({ err: error, notice: entry.id }, 'a notice of the payment provider waits')
      return postponed(entry, { now: clock.now(), at: timestamp(clock.now()) })
    }
  }

  return {
    take,
    settleDue,
    /** How many deliveries were refused since the start. */
    refused: () => refused,
    /** Entries that a human should look at, newest first. */
    async strange(limit: number): Promise<InboxEntry[]> {
      return (await inbox.list({ index: 'attention', order: 'desc', limit })).items
    },
    /** Removes what is older than providers repeat; says how many went. */
    sweep: () => removeInSteps(inbox, 'received', timestamp(clock.now() - REMEMBERED_MS)),
    start(): void {
      worker = periodically(LOOK_EVERY_MS, settleDue, (error) =>
        logger.warn({ err: error }, 'notices of the payment provider wait; they are looked at again'),
      )
    },
    async stop(): Promise<void> {
      await worker?.stop()
    },
  }
}

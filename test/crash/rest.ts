import { setTimeout as delay } from 'node:timers/promises'
import type { StorageReader } from './check/facts.ts'
import type { Pair } from './pairs/pair.ts'

/**
 * I28: after the faults stop, everything comes to rest within this time. What a provider did not answer is asked again after 72 s
 * at most, each time later.
 */
export const REST_MS = 90_000
const POLL_MS = 200

/** Waits until no order is under way and the outbox is empty; what is not by then is a violation. */
export async function waitForRest(storage: Pick<StorageReader, 'unrest'>): Promise<string[]> {
  const until = Date.now() + REST_MS
  for (;;) {
    const open = await storage.unrest()
    if (open.length === 0) return []
    if (Date.now() > until) return open.map((what) => `I28: ${what} after ${REST_MS / 1_000} s`)
    await delay(POLL_MS)
  }
}

/** What a customer said yes to in the browser is taken, or given back, although the customer never came back to the shop. */
export async function waitForMoney({
  storage,
  provider,
}: Pick<Pair, 'storage' | 'provider'>): Promise<string[]> {
  const until = Date.now() + REST_MS
  for (;;) {
    const held = provider().objects.filter(({ state }) => state === 'authorised')
    if (held.length === 0) return waitForRest(storage)
    if (Date.now() > until) return held.map(({ order_id }) => `I28: the money of ${order_id} is only held`)
    await delay(POLL_MS)
  }
}

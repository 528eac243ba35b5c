import { createHmac, randomUUID } from 'node:crypto'
import { createTestProvider } from '../../src/payments/test-provider/test-provider.ts'
import type { Body } from './http-client.ts'
import type { RunningShop } from './shop.ts'

export const WEBHOOK_SECRET = 'what the test shares with the shop'

export interface Signing {
  secret?: string
  /** Seconds. */
  at: number
}

/** The header of the test provider's deliveries, written down here once more. */
export function signed(body: string, { secret = WEBHOOK_SECRET, at }: Signing): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`
}

/** Sends bytes to the shop's webhook as they are. */
export async function deliver(
  shop: RunningShop,
  body: string,
  signature?: string,
): Promise<{ status: number; code?: string }> {
  const headers: Record<string, string> = signature ? { 'test-provider-signature': signature } : {}
  const answer = await shop.asGuest().request('POST', '/payments/webhooks/test', { raw: body, headers })
  return { status: answer.status, ...(answer.body && { code: answer.body.code }) }
}

/** A notice about an order's payment, as the provider would write it. */
export function noticeOf(order: Body, change: Body = {}): string {
  const object = {
    ...{ id: 'tpo_1', order_id: order.id, amount: order.total.amount, currency: order.total.currency },
    ...{ state: 'authorised', captured: 0, refunded: 0, created_at: 0 },
  }
  return JSON.stringify({
    id: `tpn_${randomUUID()}`,
    type: 'authorise.done',
    object: { ...object, ...change },
  })
}

/** A second hand on the ledger of the provider that runs inside the shop. */
export function besideShop(shop: RunningShop, now: () => number) {
  return createTestProvider({
    path: `${shop.directory}/test-provider.db`,
    clock: { now },
    secret: WEBHOOK_SECRET,
    urlOf: (action) => action,
  })
}

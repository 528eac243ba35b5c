import type { TestContext } from 'node:test'
import { type Clock, systemClock } from '../../src/kernel/clock.ts'
import type { Outcome, PaymentObject } from '../../src/payments/provider.ts'
import { createStripeProvider, type StripeOptions } from '../../src/payments/stripe/stripe-provider.ts'
import { DOUBLE_KEY, startStripeDouble } from '../servers/stripe-double.ts'

export const WEBHOOK_SECRET = 'whsec_current'
export const PREVIOUS_WEBHOOK_SECRET = 'whsec_previous'
export const RETURN_URL = 'https://shop.example/paid'

/** The adapter as the shop opens it. */
export function openAdapter(options: Partial<StripeOptions> = {}) {
  const warnings: object[] = []
  const provider = createStripeProvider({
    secret_key: DOUBLE_KEY,
    webhook_secrets: [WEBHOOK_SECRET, PREVIOUS_WEBHOOK_SECRET],
    return_url: RETURN_URL,
    clock: systemClock as Clock,
    logger: { warn: (details) => void warnings.push(details) },
    ...options,
  })
  return { provider, warnings }
}

/** The adapter before a double of its own. */
export async function openWorld(t: TestContext, options: Partial<StripeOptions> = {}) {
  const double = await startStripeDouble()
  t.after(() => double.close())
  return { double, ...openAdapter({ api_url: double.url, ...options }) }
}

export type World = Awaited<ReturnType<typeof openWorld>>

let orders = 0

/** An order's object, and what is asked for on it. */
export async function made({ provider }: Pick<World, 'provider'>, amount = 1_000, currency = 'EUR') {
  const order_id = `ord_${++orders}`
  const create = { key: `${order_id}:create:1`, order_id, amount, currency }
  const object = done(await provider.create(create))
  return {
    object,
    create,
    on: (operation: string) => ({ key: `${order_id}:${operation}`, object_id: object.id }),
  }
}

export async function taken(world: Pick<World, 'provider'>, amount = 1_000, currency = 'EUR') {
  const one = await made(world, amount, currency)
  done(await world.provider.authorise({ ...one.on('authorise:1'), method: 'pm_card_visa' }))
  done(await world.provider.capture({ ...one.on('capture:1'), amount }))
  return one
}

export function done(outcome: Outcome): PaymentObject {
  if (outcome.outcome === 'done') return outcome.object
  throw new Error(`not done: ${JSON.stringify(outcome)}`)
}

/** What came of it, in a word. */
export function told(outcome: Outcome): string {
  return outcome.outcome === 'refused' ? outcome.code : outcome.outcome
}

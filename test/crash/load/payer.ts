import { setTimeout as delay } from 'node:timers/promises'
import type { Session } from './shopper.ts'
import { attempt, randomKey, settle, type World } from './world.ts'

const GIVE_UP = 0.2
const MAX_CLICKS = 20
const CLICK_AGAIN_MS = 200
const JSON_TYPE = { 'content-type': 'application/json' }
/** One of ten never pays. */
const PAY = 0.9
const METHODS: [share: number, method: string][] = [
  [0.55, 'tok_success'],
  [0.7, 'tok_declined'],
  [0.85, 'tok_timeout'],
  [1, 'tok_requires_action'],
]

/** A customer at the till: pays, tries again after a refusal, does what the browser is asked for or walks away. */
export async function pay(world: World, session: Session, id: string): Promise<void> {
  if (world.random() >= PAY) return
  const dice = world.random()
  const method = METHODS.find(([share]) => dice < share)![1]
  const first = await send(world, session, id, method)
  if (world.random() < 0.1) await send(world, session, id, 'tok_success')
  if (first.outcome === 'fail' && first.text.includes('payment_declined') && world.random() < 0.7)
    await send(world, session, id, 'tok_success')
  if (first.outcome === 'ok' && first.text.includes('"requires_action"'))
    await act(world, session, id, first.text)
}

async function act(world: World, session: Session, id: string, text: string): Promise<void> {
  if (world.random() < 0.2) return
  const { action } = JSON.parse(text) as { action: { url: string } }
  const body = { succeed: world.random() < 0.8 }
  await click(action.url, body)
  if (world.random() < 0.9) await send(world, session, id, undefined)
}

/** The page is the provider's; who was cut off clicks again, and goes when it does not come back. */
async function click(url: string, body: { succeed: boolean }): Promise<void> {
  for (let attempts = 1; attempts <= MAX_CLICKS; attempts++) {
    const request = { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) }
    const answer = await fetch(url, request).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer && answer.status < 500) return
    await delay(CLICK_AGAIN_MS)
  }
}

function send(world: World, session: Session, id: string, method: string | undefined) {
  const key = randomKey()
  const body = method === undefined ? {} : { method }
  const call = { method: 'POST', path: `/orders/${id}/payments`, token: session, key, body }
  const what = { kind: 'pay' as const, principal: session.id, key, request: { id } }
  // A double click now and then.
  const twice = world.random() < 0.1 ? attempt(world, what, call) : undefined
  return settle(world, what, call, { giveUp: GIVE_UP }).finally(() => twice)
}

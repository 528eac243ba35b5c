import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningShop } from '../support/shop.ts'
import type { Exchange, Fault } from './exchange.ts'
import type { Received, Sent } from './sending.ts'
import type { World } from './world.ts'

/** How long the relay and the consumers may be behind in the end, and the shop unwell. */
const CATCH_UP_MS = 30_000
/** Stands for the request where a fault is none of a single one. */
export const HEALTH: Sent = { method: 'GET', path: '/health', headers: {} }

/** What the shop logged as failed, and whether it is well and has read all that was told. */
export async function faultsOfTheEnd({ shop, exchange }: Pick<World, 'shop' | 'exchange'>): Promise<Fault[]> {
  const behind = await whatIsBehind(shop)
  const health = await healthInTheEnd(exchange)
  const logged = shop.warnings.filter(({ level }) => level === 'error')
  const messages = new Map(logged.map(({ message, details }) => [message, details as { err?: Error }]))
  return [
    ...(behind ? [{ sent: HEALTH, what: `in the end events wait: ${behind}` }] : []),
    ...(health?.status === 200
      ? []
      : [{ sent: HEALTH, what: `in the end the shop is not well: ${health?.text}` }]),
    ...[...messages].map(([message, { err }]) => ({
      sent: HEALTH,
      what: `logged as an error: ${message}\n${err?.stack ?? ''}`,
    })),
  ]
}

/** Events that neither relay nor consumers have taken when their time is over; undefined when they have all. */
async function whatIsBehind({ application }: RunningShop): Promise<string | undefined> {
  const deadline = performance.now() + CATCH_UP_MS
  for (;;) {
    const { waiting } = await application.relay.health()
    const { lag } = await application.consumers.health()
    const behind = Object.entries({ relay: waiting, ...lag }).filter(([, events]) => events > 0)
    if (behind.length === 0) return undefined
    if (performance.now() > deadline) return behind.map(([name, events]) => `${name} ${events}`).join(', ')
    await sleep(20)
  }
}

/** Asked again for a while: it says `failing`, too, where the machine has too much to do to answer in time. */
async function healthInTheEnd(exchange: Exchange): Promise<Received | undefined> {
  const deadline = performance.now() + CATCH_UP_MS
  for (;;) {
    const health = await exchange.send(HEALTH)
    if (health?.status === 200 || performance.now() > deadline) return health
    await sleep(200)
  }
}

import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Answer, Call, Client, Ticket } from '../client.ts'
import type { Attempt, History } from '../history.ts'

/** Whoever hears that something is away comes back after so long; a rush would only keep it away. */
const BACK_OFF_MS = 50
/** What cannot be done without is asked for this long, however often the shop is away. */
const INSIST_MS = 120_000

/** Words that must never be found in the log, in events, in output or in error bodies. */
export type Canaries = Record<'password' | 'name' | 'street', string>

/** What the actors share: the shop as it is reached now, what is on sale, and the history. */
export interface World {
  /** Waits while the server is down; the client of this life. */
  client(): Promise<Client>
  stopping(): boolean
  random(): number
  history: History
  canaries: Canaries
  products: { id: string; skus: string[] }[]
  /** Error bodies and other texts that came back, for the search for secrets. */
  seen: Set<string>
  /** Whether some pay by card. */
  cards: boolean
  /** Between two batches of a visitor. */
  visitor_pause_ms: number
}

export function randomKey(): string {
  return randomBytes(12).toString('hex')
}

export function pick<T>(world: World, list: readonly T[]): T {
  return list[Math.floor(world.random() * list.length)]!
}

/** Sends once and notes what came of it; never throws. */
export async function attempt(
  world: World,
  what: Pick<Attempt, 'kind' | 'principal' | 'key' | 'request'>,
  call: Call,
): Promise<Attempt> {
  let result: Attempt
  try {
    const answer = await (await world.client()).call(call)
    if (answer.status >= 400) world.seen.add(answer.text)
    if (answer.status === 401) await signedInAgain(call)
    result = { ...what, outcome: outcomeOf(answer), status: answer.status, text: answer.text }
  } catch {
    result = { ...what, outcome: 'unknown', status: 0, text: '' }
  }
  world.history.add(result)
  if (result.outcome === 'unknown') await backOff()
  return result
}

/** 401 and 409 in_progress say nothing of whether the request had, or will have, its effect. */
function outcomeOf({ status, text }: Answer): Attempt['outcome'] {
  if (status >= 200 && status < 300) return 'ok'
  if (status >= 500 || status === 408 || status === 429 || status === 401) return 'unknown'
  return text.includes('"in_progress"') ? 'unknown' : 'fail'
}

/** Repeats with the same key until the outcome is known, or gives up for ever with the given chance. */
export async function settle(
  world: World,
  what: Parameters<typeof attempt>[1],
  call: Call,
  { giveUp }: { giveUp: number },
): Promise<Attempt> {
  let last = await attempt(world, what, call)
  while (last.outcome === 'unknown' && !world.stopping() && world.random() >= giveUp) {
    last = await attempt(world, what, call)
  }
  return last
}

/** For requests without which nothing can go on: repeats until the server answers, and hands back the JSON. */
export async function insist<Body>(world: Pick<World, 'client'>, call: Call): Promise<Body> {
  const deadline = performance.now() + INSIST_MS
  for (;;) {
    try {
      const answer = await (await world.client()).call(call)
      if (answer.status < 300) return JSON.parse(answer.text) as Body
      if (answer.status === 401 && (await signedInAgain(call))) continue
      if (answer.status < 500 && answer.status !== 409)
        throw new Refused(`${call.method} ${call.path}: ${answer.status} ${answer.text}`)
      if (performance.now() > deadline)
        throw new Refused(`${call.method} ${call.path}: still ${answer.status} ${answer.text}`)
    } catch (error) {
      if (error instanceof Refused || performance.now() > deadline) throw error
    }
    await backOff()
  }
}

/** False where nobody can. */
async function signedInAgain({ token }: Call): Promise<boolean> {
  if (typeof token !== 'object') return false
  await token.again()
  return true
}

/** One who signed in, and does it again by `signIn`, once at a time. */
export function ticketOf(token: string, signIn: () => Promise<string>): Ticket {
  let waiting: Promise<void> | undefined
  const ticket: Ticket = {
    token,
    again() {
      waiting ??= signIn()
        .then((next) => {
          ticket.token = next
        })
        .finally(() => {
          waiting = undefined
        })
      return waiting
    },
  }
  return ticket
}

export function backOff(): Promise<void> {
  return delay(BACK_OFF_MS)
}

export class Refused extends Error {}

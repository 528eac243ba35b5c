import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { check, type Evidence } from './check/check.ts'
import { firstCopies } from './check/copies.ts'
import { type Facts, readFacts } from './check/facts.ts'
import { mailViolations } from './check/mails.ts'
import { type Stats, statsViolations } from './check/stats.ts'
import type { Fleet } from './fleet.ts'
import { readHistory } from './history.ts'
import { signIn } from './load/staff.ts'
import { insist, type World } from './load/world.ts'
import type { Pair } from './pairs/pair.ts'
import { REST_MS, waitForMoney, waitForRest } from './rest.ts'

const POLL_MS = 500
const DAY_MS = 86_400_000

export interface InspectOptions {
  fleet: Pick<Fleet, 'ports' | 'outputs' | 'stop'>
  pair: Pick<Pair, 'storage' | 'log' | 'provider'>
  world: World
  history: string
  /** Stops the shop before the facts are read for the last time: a clean stop loses nothing either. */
  last: boolean
}

/** The checker, over a shop that nobody loads any more. */
export async function inspect(
  options: InspectOptions,
): Promise<{ violations: string[]; evidence: Evidence }> {
  const { fleet, pair, world, history, last } = options
  // First of all: signing in is an event too.
  const token = await signIn(world)
  const rest = await waitForRest(pair.storage)
  rest.push(...(await waitForMoney(pair)))
  let facts = await settledFacts(pair)
  const stats = await settledStats(world, { token, facts })
  const metrics = await Promise.all(fleet.ports.map(metricsOf))
  if (last) {
    const statuses = await fleet.stop()
    if (statuses.some((status) => status !== 0))
      rest.push(`I28: SIGTERM ended the shop with status ${statuses.join(', ')}`)
    facts = withoutLateNotices(await readFacts(pair.storage, pair.log, pair.provider), facts)
  }
  const outputs = fleet.outputs.map((path) => readFileSync(path, 'utf8'))
  const texts = [...outputs, ...metrics, ...world.seen]
  const { canaries } = world
  const evidence = { facts, attempts: readHistory(history), texts, canaries, stats }
  return { violations: [...rest, ...check(evidence)], evidence }
}

/** A notice that came while the shop stopped is looked at after the next start. */
function withoutLateNotices(stopped: Facts, before: Facts): Facts {
  const known = new Set(before.inbox.map(({ id }) => id))
  return { ...stopped, inbox: stopped.inbox.filter(({ id, outcome }) => known.has(id) || outcome) }
}

/**
 * Mails follow the log, and the provider goes on telling; as things are when mails are equal to the log and every notice is looked
 * at, or when their time is over.
 */
async function settledFacts({ storage, log, provider }: InspectOptions['pair']): Promise<Facts> {
  const until = Date.now() + REST_MS
  for (;;) {
    const facts = await readFacts(storage, log, provider)
    const told = { ...facts, records: firstCopies(facts.records) }
    const looked_at = facts.inbox.every(({ outcome }) => outcome !== undefined)
    if ((looked_at && mailViolations(told).length === 0) || Date.now() > until) return facts
    await delay(POLL_MS)
  }
}

/** Figures follow the log; what they say when they are equal to it, or what they still say when their time is over. */
async function settledStats(world: World, { token, facts }: { token: string; facts: Facts }): Promise<Stats> {
  const until = Date.now() + REST_MS
  const told = { ...facts, records: firstCopies(facts.records) }
  for (;;) {
    const stats = await readStats(world, token)
    if (statsViolations(told, stats).length === 0 || Date.now() > until) return stats
    await delay(POLL_MS)
  }
}

/** Orders of all time, and the rest of a period that holds whatever the clock jumped to. */
async function readStats(world: World, token: string): Promise<Stats> {
  const hour = (days: number) => `${new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 13)}:00:00Z`
  const period = `/admin/stats?from=${hour(-1)}&to=${hour(1)}`
  const figures = await insist<Stats>(world, { method: 'GET', path: period, token })
  const { orders } = await insist<Stats>(world, { method: 'GET', path: '/admin/stats', token })
  return { ...figures, orders }
}

async function metricsOf(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
}

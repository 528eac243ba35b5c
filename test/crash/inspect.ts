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
  const settled = await settle(options, token)
  const { stats } = settled
  let { facts } = settled
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
  // A notice that comes late moves an order once more: the figures then bind what was in the log when they were asked for.
  const grown = facts.records.length > settled.facts.records.length
  if (grown) rest.push(...statsViolations(told(settled.facts), stats))
  const found = { facts, attempts: readHistory(history), texts, canaries }
  const evidence = grown ? found : { ...found, stats }
  return { violations: [...rest, ...check(evidence)], evidence }
}

/** A notice that came while the shop stopped is looked at after the next start. */
function withoutLateNotices(stopped: Facts, before: Facts): Facts {
  const known = new Set(before.inbox.map(({ id }) => id))
  return { ...stopped, inbox: stopped.inbox.filter(({ id, outcome }) => known.has(id) || outcome) }
}

interface Settled {
  facts: Facts
  stats: Stats
}

/**
 * Mails and figures follow the log, and the provider goes on telling: as things are when both are equal to the log, every notice is
 * looked at and, before a stop, none is still to come; or when their time is over.
 */
async function settle({ pair, world, last }: InspectOptions, token: string): Promise<Settled> {
  const until = Date.now() + REST_MS
  for (;;) {
    const facts = await readFacts(pair.storage, pair.log, pair.provider)
    const stats = await readStats(world, token)
    const looked_at = facts.inbox.every(({ outcome }) => outcome !== undefined)
    const heard = !last || facts.provider.notices.every(({ copies }) => copies <= 0)
    const violations = [...mailViolations(told(facts)), ...statsViolations(told(facts), stats)]
    if ((looked_at && heard && violations.length === 0) || Date.now() > until) return { facts, stats }
    await delay(POLL_MS)
  }
}

/** What the log told, each event once, whatever it repeats. */
function told(facts: Facts): Facts {
  return { ...facts, records: firstCopies(facts.records) }
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

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Evidence } from './check/check.ts'
import { firstCopies, republishedIn } from './check/copies.ts'
import { startCrew } from './crew.ts'
import { type Fleet, openFleet } from './fleet.ts'
import { openHistory } from './history.ts'
import { inspect } from './inspect.ts'
import { openShop } from './load/staff.ts'
import type { World } from './load/world.ts'
import type { Pair } from './pairs/pair.ts'
import { randomNumbers } from './random.ts'
import { createStriker, type Kind, type Striker } from './strike.ts'

const PRODUCTS = 20
/** How long everything runs between two kills. */
const EMBEDDED_LIFE_MS = { shortest: 150, longest: 1_800 }
const SERVERS_LIFE_MS = { shortest: 500, longest: 5_000 }
const VISITOR_PAUSE_MS = 250
/** The database of the tests syncs every commit and is slow then: more would only wait for each other. */
const HANDFUL = { shoppers: 6, visitors: 1 }
const CROWD = { shoppers: 12, visitors: 2 }

export interface CampaignOptions {
  pair: Pair
  /** For files of the shop, its output, the history of the clients and, after violations, the facts. */
  directory: string
  /** How many kills, or for how long. */
  until: { kills: number } | { minutes: number }
  nodes?: number
  /** What is killed; everything of the pair when left out. */
  kinds?: readonly Kind[]
  /** Kills at this pace instead of at random times. */
  every_ms?: number
  /** Kills between two inspections; without it there is only the last one. */
  inspectEvery?: number
  seed: number
  say(line: string): void
}

export interface CampaignOutcome {
  kills: Record<Kind, number>
  doubles: number
  inspections: number
  violations: string[]
  summary: string[]
  /** What the last inspection went by. */
  evidence: Evidence
}

/** Load with a known history, kill -9, restart; now and then the checker, which shares no code with the shop. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignOutcome> {
  const { pair, directory, nodes = 1 } = options
  const kinds = options.kinds ?? ['node', ...(Object.keys(pair.servers) as Kind[])]
  const random = randomNumbers(options.seed)
  const fleet = await openFleet({
    nodes,
    directory,
    environment: pair.environment,
    startAgain: pair.name !== 'embedded',
  })
  const striker = createStriker({ fleet, pair, kinds, random })
  const history = join(directory, 'history.jsonl')
  const notes = openHistory(history)
  const world: World = {
    client: fleet.client,
    stopping: () => false,
    random,
    history: notes,
    canaries: {
      password: `canary-pw-${options.seed}-x7`,
      name: `Canary Namesake ${options.seed}`,
      street: `Canary Street ${options.seed}`,
    },
    products: [],
    seen: new Set(),
    cards: nodes === 1,
    visitor_pause_ms: pair.name === 'embedded' ? 0 : VISITOR_PAUSE_MS,
  }
  try {
    for (let node = 0; node < nodes; node++) await fleet.start(node)
    await openShop(world, PRODUCTS)
    const campaign = { ...options, fleet, striker, world, notes, history }
    const { inspections, violations, evidence } = await strikeAndInspect(campaign)
    if (violations.length > 0)
      writeFileSync(join(directory, 'facts.json'), JSON.stringify(evidence.facts, null, 1))
    return {
      kills: striker.counts(),
      doubles: striker.doubles(),
      inspections,
      violations,
      evidence,
      summary: summaryOf(evidence, fleet),
    }
  } finally {
    notes.close()
    await fleet.close()
  }
}

interface Campaign extends CampaignOptions {
  fleet: Fleet
  striker: Striker
  world: World
  notes: ReturnType<typeof openHistory>
  history: string
}

/** Round by round: load and kills, then quiet and the checker. A violation ends it. */
async function strikeAndInspect(campaign: Campaign) {
  const { until, inspectEvery = Number.POSITIVE_INFINITY, fleet, pair, striker, world, say } = campaign
  const began = performance.now()
  let strikes = 0
  const over = () =>
    'kills' in until ? strikes >= until.kills : performance.now() - began >= until.minutes * 60_000
  for (let inspections = 1; ; inspections++) {
    const crew = startCrew(world, pair.name === 'embedded' ? CROWD : HANDFUL)
    for (let round = 0; round < inspectEvery && !over(); round++) {
      await Promise.race([delay(lifetimeOf(campaign)), crew.failed])
      refuseEnded(fleet)
      campaign.notes.sync()
      await striker.strike()
      strikes += 1
      if (strikes % 10 === 0)
        say(`${strikes} strikes: ${countsOf({ kills: striker.counts(), doubles: striker.doubles() })}`)
    }
    await Promise.race([delay(rangeOf(campaign).longest), crew.failed])
    await crew.stop()
    refuseEnded(fleet)
    campaign.notes.sync()
    const inspection = { fleet, pair, world, history: campaign.history, last: over() }
    const found = await inspect(inspection)
    say(`inspection ${inspections}: ${found.violations.length} violations`)
    if (inspection.last || found.violations.length > 0) return { ...found, inspections }
  }
}

function rangeOf({ pair }: Campaign) {
  return pair.name === 'embedded' ? EMBEDDED_LIFE_MS : SERVERS_LIFE_MS
}

function lifetimeOf(campaign: Campaign): number {
  const { shortest, longest } = rangeOf(campaign)
  return campaign.every_ms ?? shortest + campaign.world.random() * (longest - shortest)
}

function refuseEnded(fleet: Fleet): void {
  const [node] = fleet.ended()
  if (node !== undefined)
    throw new Error(`node ${node} ended by itself; its output is in ${fleet.outputs[node]}`)
}

/** How often each kind was killed, in words. */
export function countsOf({ kills, doubles }: Pick<CampaignOutcome, 'kills' | 'doubles'>): string {
  const killed = Object.entries(kills)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} ${count}`)
  return `${killed.join(', ')}${doubles > 0 ? ` (${doubles} times two at once)` : ''}`
}

function summaryOf({ facts, texts, attempts }: Evidence, fleet: Fleet): string[] {
  const count = (kind: string, outcome: string) =>
    attempts.filter((attempt) => attempt.kind === kind && attempt.outcome === outcome).length
  const firsts = firstCopies(facts.records)
  const copies = facts.records.length - firsts.length
  const { events, door } = republishedIn(texts)
  const said = [...events.values()].reduce((sum, times) => sum + times, door)
  return [
    `${attempts.length} attempts, of which ${attempts.filter(({ outcome }) => outcome === 'unknown').length} with an unknown outcome`,
    `${count('order', 'ok')} orders acknowledged, ${count('order', 'fail')} refused; ${count('events', 'ok')} batches of clickstream acknowledged`,
    `${facts.provider.objects.length} payments begun, ${facts.provider.objects.filter(({ captured }) => captured > 0).length} taken, ${facts.provider.operations.filter(({ kind, outcome }) => kind === 'refund' && outcome === 'done').length} refunds`,
    `${facts.records.length} records in the log, ${copies} of them copies (${said} events were said to be sent again)`,
    `${fleet.refusedStarts()} starts refused and tried again`,
  ]
}

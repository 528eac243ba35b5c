import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Evidence } from './check/check.ts'
import { type ClockJumps, createClockJumps } from './clock-jumps.ts'
import { startCrew } from './crew.ts'
import { type Fleet, openFleet } from './fleet.ts'
import { openHistory } from './history.ts'
import { inspect } from './inspect.ts'
import { openShop } from './load/staff.ts'
import type { World } from './load/world.ts'
import type { Pair } from './pairs/pair.ts'
import { randomNumbers } from './random.ts'
import { createStriker, type Kind, type Striker } from './strike.ts'
import { summaryOf } from './summary.ts'

const PRODUCTS = 20
/** How long everything runs between two kills. */
const EMBEDDED_LIFE_MS = { shortest: 150, longest: 1_800 }
const SERVERS_LIFE_MS = { shortest: 500, longest: 5_000 }
/** Share of the lives in which the clock jumps. */
const JUMPS = 0.4
/** Between two batches: enough to be killed in the middle of one, and not so much that the log outgrows the checker's memory. */
const VISITOR_PAUSE_MS = { embedded: 20, servers: 250 }
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
  /** What is killed, the more often the more often it is named; everything of the pair when left out. */
  kinds?: readonly Kind[]
  /** Kills at this pace instead of at random times. */
  every_ms?: number
  /** Kills between two inspections; without it there is only the last one. */
  inspectEvery?: number
  /** Whether the clock jumps; it does when this is left out. */
  jumps?: boolean
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
  const jumps = createClockJumps({ path: pair.clock_file, random })
  pair.payments.tell(fleet.url)
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
    cards: true,
    visitor_pause_ms: VISITOR_PAUSE_MS[pair.name === 'embedded' ? 'embedded' : 'servers'],
  }
  try {
    await pair.payments.start()
    for (let node = 0; node < nodes; node++) await fleet.start(node)
    await openShop(world, PRODUCTS)
    const campaign = { ...options, fleet, striker, clock: jumps, world, notes, history }
    const { inspections, violations, evidence } = await strikeAndInspect(campaign)
    if (violations.length > 0)
      writeFileSync(join(directory, 'facts.json'), JSON.stringify(evidence.facts, null, 1))
    return {
      kills: striker.counts(),
      doubles: striker.doubles(),
      inspections,
      violations,
      evidence,
      summary: [
        ...summaryOf(evidence),
        `${fleet.refusedStarts()} starts refused and tried again, ${jumps.count()} jumps of the clock`,
      ],
    }
  } finally {
    notes.close()
    await fleet.close()
  }
}

interface Campaign extends CampaignOptions {
  fleet: Fleet
  striker: Striker
  clock: ClockJumps
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
      await Promise.race([live(campaign), crew.failed])
      refuseEnded(fleet)
      campaign.notes.sync()
      await striker.strike()
      strikes += 1
      if (strikes % 10 === 0)
        say(`${strikes} strikes: ${countsOf({ kills: striker.counts(), doubles: striker.doubles() })}`)
    }
    await Promise.race([delay(rangeOf(campaign).longest), crew.failed])
    await endFaults(campaign)
    await crew.stop()
    refuseEnded(fleet)
    campaign.notes.sync()
    const inspection = { fleet, pair, world, history: campaign.history, last: over() }
    const found = await inspect(inspection)
    say(`inspection ${inspections}: ${found.violations.length} violations`)
    if (inspection.last || found.violations.length > 0) return { ...found, inspections }
    await pair.payments.err(true)
  }
}

/** The time between two strikes, at some moment of which the clock may jump. */
async function live(campaign: Campaign): Promise<void> {
  const { jumps = true, clock, world } = campaign
  const life_ms = lifetimeOf(campaign)
  if (!jumps || world.random() >= JUMPS) return delay(life_ms)
  const before_ms = life_ms * world.random()
  await delay(before_ms)
  clock.jump()
  await delay(life_ms - before_ms)
}

/** From now on the provider answers everything, and all have the right time. */
async function endFaults({ clock, pair }: Campaign): Promise<void> {
  await Promise.all([clock.settle(), pair.payments.err(false)])
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

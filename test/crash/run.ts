import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { check } from './check/check.ts'
import { readFacts } from './check/facts.ts'
import { type Client, createClient } from './client.ts'
import { openHistory, readHistory } from './history.ts'
import { shopper } from './load/shopper.ts'
import { openShop, staff } from './load/staff.ts'
import { visitor } from './load/visitor.ts'
import type { Canaries, World } from './load/world.ts'
import { waitForRest } from './rest.ts'
import { freePort, type ServerProcess, startServer } from './server.ts'

const SHOPPERS = 12
const VISITORS = 2
const PRODUCTS = 20
const SHORTEST_LIFE_MS = 150
const LONGEST_LIFE_MS = 1_800

export interface CampaignOptions {
  kills: number
  seed: number
  keep?: boolean
  say(line: string): void
}

export interface CampaignOutcome {
  kills: number
  violations: string[]
  summary: string
  /** The shop's folder, the history and the output; gone unless something was violated or it was to be kept. */
  directory: string
}

/** Load with a known history, kill -9, restart; at the end the checker, which shares no code with the shop. */
export async function runCampaign({ kills, seed, keep, say }: CampaignOptions): Promise<CampaignOutcome> {
  const directory = await mkdtemp(join(tmpdir(), 'tradewind-crash-'))
  const output = join(directory, 'output.log')
  const historyPath = join(directory, 'history.jsonl')
  const history = openHistory(historyPath)
  const port = await freePort()
  const start = () => startServer({ directory: join(directory, 'data'), port, output })
  const canaries: Canaries = {
    password: `canary-pw-${seed}-x7`,
    name: `Canary Namesake ${seed}`,
    street: `Canary Street ${seed}`,
  }
  const life = createLife()
  const world: World = {
    client: life.client,
    stopping: life.stopping,
    random: randomNumbers(seed),
    history,
    canaries,
    products: [],
    seen: new Set(),
  }

  let server = await start()
  life.begin(createClient(port))
  await openShop(world, PRODUCTS)
  const actors = [
    ...Array.from({ length: SHOPPERS }, () => shopper(world)),
    ...Array.from({ length: VISITORS }, () => visitor(world)),
    staff(world),
  ]
  const crashed = Promise.all(actors)
  crashed.catch(() => {})
  for (let kill = 1; kill <= kills; kill++) {
    const lifetime_ms = SHORTEST_LIFE_MS + world.random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS)
    await Promise.race([delay(lifetime_ms), crashed])
    if (server.exited()) throw new Error(`the server ended by itself; its output is in ${output}`)
    history.sync()
    await server.kill()
    life.end()
    server = await start()
    life.begin(createClient(port))
    if (kill % 10 === 0) say(`${kill} of ${kills} kills`)
  }
  await delay(LONGEST_LIFE_MS)
  life.stop()
  await crashed
  history.close()
  const rest = await waitForRest(join(directory, 'data'))
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  await finish(server)
  life.end()

  const attempts = readHistory(historyPath)
  const facts = readFacts(join(directory, 'data'))
  const texts = [readFileSync(output, 'utf8'), metrics, ...world.seen]
  const violations = [...rest, ...check({ facts, attempts, texts, canaries })]
  if (violations.length === 0 && !keep) rmSync(directory, { recursive: true })
  const acknowledged = attempts.filter(({ outcome, kind }) => outcome === 'ok' && kind === 'order').length
  const unknown = attempts.filter(({ outcome }) => outcome === 'unknown').length
  const summary = `${attempts.length} attempts, ${acknowledged} orders acknowledged, ${unknown} unknown outcomes, ${facts.records.length} events in the log`
  return { kills, violations, summary, directory }
}

async function finish(server: ServerProcess): Promise<void> {
  const status = await server.stop()
  if (status !== 0) throw new Error(`the server ended with status ${status} after SIGTERM`)
}

/** The client of the server's present life; while it is down, whoever asks waits. */
function createLife() {
  let current = Promise.withResolvers<Client>()
  let stopped = false
  return {
    client: () => current.promise,
    stopping: () => stopped,
    begin: (client: Client) => current.resolve(client),
    end() {
      current.promise.then((client) => client.close()).catch(() => {})
      current = Promise.withResolvers()
    },
    stop() {
      stopped = true
    },
  }
}

/** mulberry32: the same seed gives the same choices (not the same interleaving). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

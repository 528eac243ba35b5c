import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../support/until.ts'
import { embeddedLogReader } from './check/embedded-log-reader.ts'
import { providerReader } from './check/provider-reader.ts'
import { sqliteReader } from './check/sqlite-reader.ts'
import type { Crew } from './crew.ts'
import { openFleet } from './fleet.ts'
import { readHistory } from './history.ts'
import { inspect } from './inspect.ts'
import { signIn } from './load/staff.ts'
import { insist, type World } from './load/world.ts'
import { nodeDirectory } from './pairs/pair.ts'

const TOOLS = join(import.meta.dirname, '../../tools')
/** Orders that are acknowledged in this round before the backup, and after it while the load goes on. */
const BEFORE = 25
const AFTER = 5
/** Two slow cores have a shop, its clients and a backup to carry. */
const LOAD_MS = 120_000

const run = promisify(execFile)

export interface DrillRoundOptions {
  /** Of this round: for the backup and the shop that it becomes. */
  folder: string
  /** DATA_DIR of the shop under load. */
  data: string
  /** What its clients were told. */
  history: string
  environment: Record<string, string>
  world: Omit<World, 'stopping'>
  crew: Crew
  /** How many attempts the history holds by now, and how many orders were acknowledged. */
  told(): { attempts: number; orders: number }
}

export interface DrillRound {
  violations: string[]
  /** Attempts that were answered while the backup was made. */
  meanwhile: number
  summary: string
}

/** A backup under load, a shop from it in another folder, and the checker over that. */
export async function drillRound(options: DrillRoundOptions): Promise<DrillRound> {
  const { folder, data, world, crew, told } = options
  const to = join(folder, 'backup')
  const token = await signIn({ ...world, stopping: () => false })
  const reach = (orders: number) => Promise.race([until(() => told().orders >= orders, LOAD_MS), crew.failed])
  await reach(told().orders + BEFORE)
  const known = told()
  const began = performance.now()
  await tool('backup', to, { folder, data })
  const took_ms = Math.round(performance.now() - began)
  const meanwhile = told().attempts - known.attempts
  await reach(told().orders + AFTER)
  await crew.stop()

  const restored = nodeDirectory(folder, 0)
  await tool('restore', to, { folder, data: restored })
  const { violations, orders } = await lookAt(options, { restored, token, attempts: known.attempts })
  return {
    violations,
    meanwhile,
    summary: `backed up in ${took_ms} ms, during which ${meanwhile} attempts were answered; ${orders} orders restored`,
  }
}

/** In a process of its own, from a folder without a file of variables. */
async function tool(name: 'backup' | 'restore', to: string, at: { folder: string; data: string }) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: at.data }
  await run(process.execPath, [join(TOOLS, `${name}.ts`), to], { cwd: at.folder, env })
}

/** Starts a shop on the restored folder, beside the first one, and holds it to what was told before the backup. */
async function lookAt(
  { folder, world, environment, history }: DrillRoundOptions,
  { restored, token, attempts }: { restored: string; token: string; attempts: number },
): Promise<{ violations: string[]; orders: number }> {
  const own = { ...environment }
  const fleet = await openFleet({ nodes: 1, directory: folder, environment: own, startAgain: false })
  own.PUBLIC_URL = fleet.url
  try {
    await fleet.start(0)
    const there = { ...world, client: fleet.client, stopping: () => false }
    const me = await insist(there, { method: 'GET', path: '/auth/me', token }).catch((error: Error) => error)
    const { violations, evidence } = await inspect({
      fleet,
      pair: {
        storage: sqliteReader(restored),
        log: embeddedLogReader(restored),
        provider: providerReader(join(restored, 'test-provider.db')),
      },
      world: there,
      history: asOf(history, attempts, join(folder, 'history.jsonl')),
      last: true,
    })
    if (me instanceof Error) violations.push(`I27: a token of before the backup is void: ${me.message}`)
    return { violations, orders: evidence.facts.orders.filter(({ placed_at }) => placed_at).length }
  } finally {
    await fleet.close()
  }
}

/** The history as it binds the backup: of what was answered after it began, nobody knows whether the backup holds it. */
function asOf(history: string, attempts: number, path: string): string {
  const lines = readHistory(history).map((attempt, index) =>
    index < attempts ? attempt : { ...attempt, outcome: 'unknown', status: 0, text: '' },
  )
  writeFileSync(path, lines.map((attempt) => `${JSON.stringify(attempt)}\n`).join(''))
  return path
}

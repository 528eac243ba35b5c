import { join, resolve } from 'node:path'
import { until } from '../support/until.ts'
import { embeddedLogReader } from './check/embedded-log-reader.ts'
import { providerReader } from './check/provider-reader.ts'
import { sqliteReader } from './check/sqlite-reader.ts'
import { startCrew } from './crew.ts'
import { openFleet } from './fleet.ts'
import { inspect } from './inspect.ts'
import { openShop } from './load/staff.ts'
import { nodeDirectory } from './pairs/pair.ts'
import { countedWorld } from './told.ts'

const THIS = resolve(import.meta.dirname, '../..')
const PRODUCTS = 12
const CROWD = { shoppers: 8, visitors: 2 }
/** Orders that are acknowledged under each program before the next one takes the folder. */
const ORDERS = 40
const LOAD_MS = 120_000

export interface UpgradeOptions {
  /** Folder with the program of the version before. */
  previous: string
  seed: number
  directory: string
  say(line: string): void
}

/**
 * Forward and back under load: the program before, this one, the one before again, this one, each on the folder that the other
 * left. Says what was violated, requests that failed among it.
 */
export async function runUpgrade({ previous, seed, directory, say }: UpgradeOptions): Promise<string[]> {
  const environment: Record<string, string> = { ACCESS_TOKEN_TTL: '1d' }
  let root = previous
  const fleet = await openFleet({
    ...{ nodes: 1, directory, environment, startAgain: false },
    root: () => root,
  })
  environment.PUBLIC_URL = fleet.url
  const history = join(directory, 'history.jsonl')
  const { world, told, close } = countedWorld({ seed, history, client: fleet.client })
  const open = { ...world, stopping: () => false }
  try {
    for (const [turn, program] of [previous, THIS, previous, THIS].entries()) {
      root = program
      await fleet.start(0)
      if (turn === 0) await openShop(open, PRODUCTS)
      const crew = startCrew(world, CROWD)
      const before = told()
      await Promise.race([until(() => told().orders >= before.orders + ORDERS, LOAD_MS), crew.failed])
      await crew.stop()
      const { attempts, failed } = told()
      say(
        `${program === THIS ? 'this program' : 'the one before'}: ${attempts - before.attempts} attempts, ${failed - before.failed} failed`,
      )
      if (turn < 3) await leave(fleet)
    }
    const data = nodeDirectory(directory, 0)
    const { violations } = await inspect({
      ...{ fleet, history, world: open, last: true },
      pair: {
        storage: sqliteReader(data),
        log: embeddedLogReader(data),
        provider: providerReader(join(data, 'test-provider.db')),
      },
    })
    const { failed } = told()
    return [...(failed > 0 ? [`${failed} requests failed`] : []), ...violations]
  } finally {
    close()
    await fleet.close()
  }
}

/** A stop as an operator does it; what comes next finds a folder that nobody holds. */
async function leave({
  stop,
  kill,
}: Pick<Awaited<ReturnType<typeof openFleet>>, 'stop' | 'kill'>): Promise<void> {
  const [status] = await stop()
  if (status !== 0) throw new Error(`SIGTERM ended the shop with status ${status}`)
  await kill(0)
}

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startCrew } from './crew.ts'
import { type DrillRound, drillRound } from './drill-round.ts'
import { openFleet } from './fleet.ts'
import { openShop } from './load/staff.ts'
import { nodeDirectory } from './pairs/pair.ts'
import { countedWorld } from './told.ts'

const PRODUCTS = 12
const CROWD = { shoppers: 8, visitors: 2 }

export interface DrillOptions {
  rounds: number
  seed: number
  /** For the folder of the shop, the backups and the shops that they become. */
  directory: string
  say(line: string): void
}

/** Load with a known history; round by round a backup in the middle of it, and a shop from that, looked at by the checker. */
export async function runDrill({ rounds, seed, directory, say }: DrillOptions): Promise<DrillRound[]> {
  const environment: Record<string, string> = { ACCESS_TOKEN_TTL: '1d' }
  const fleet = await openFleet({ nodes: 1, directory, environment, startAgain: false })
  // Where the browser finds the pages of the test provider, which is a part of the shop here.
  environment.PUBLIC_URL = fleet.url
  const history = join(directory, 'history.jsonl')
  const { world, told, close } = countedWorld({ seed, history, client: fleet.client })
  const outcomes: DrillRound[] = []
  try {
    await fleet.start(0)
    await openShop({ ...world, stopping: () => false }, PRODUCTS)
    for (let round = 1; round <= rounds; round++) {
      const folder = join(directory, `round-${round}`)
      mkdirSync(folder)
      const outcome = await drillRound({
        ...{ folder, data: nodeDirectory(directory, 0), history, environment, world, told },
        crew: startCrew(world, CROWD),
      })
      outcomes.push(outcome)
      say(`round ${round}: ${outcome.summary}, ${outcome.violations.length} violations`)
      if (outcome.violations.length > 0) break
      rmSync(folder, { recursive: true })
    }
    return outcomes
  } finally {
    close()
    await fleet.close()
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CampaignCommand, readCommand, USAGE } from './campaign-options.ts'
import { openPair } from './pairs/open.ts'
import { countsOf, runCampaign } from './run.ts'

const EXIT_USAGE = 64

const command = readLine()
if (command) await campaign(command)
// A client that still waits for an answer keeps nobody.
process.exit()

function readLine(): CampaignCommand | undefined {
  try {
    const read = readCommand(process.argv.slice(2))
    if (!read) console.log(USAGE)
    return read
  } catch (error) {
    console.error(`${(error as Error).message}; npm run crash -- --help says what there is`)
    process.exitCode = EXIT_USAGE
    return undefined
  }
}

async function campaign({ pair: name, keep, ...options }: CampaignCommand): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-crash-'))
  const pair = await openPair(name, directory)
  const began = performance.now()
  try {
    const outcome = await runCampaign({ ...options, pair, directory, say: (line) => console.log(line) })
    for (const violation of outcome.violations) console.log(`VIOLATION ${violation}`)
    for (const line of outcome.summary) console.log(line)
    const minutes = ((performance.now() - began) / 60_000).toFixed(1)
    console.log(
      `${name}, ${options.nodes} nodes, ${minutes} minutes: killed ${countsOf(outcome)}; ` +
        `${outcome.inspections} inspections, ${outcome.violations.length} violations (seed ${options.seed})`,
    )
    const clean = outcome.violations.length === 0
    if (clean && !keep) rmSync(directory, { recursive: true })
    else console.log(`The folder is kept: ${directory}`)
    process.exitCode = clean ? 0 : 1
  } finally {
    await pair.remove()
  }
}

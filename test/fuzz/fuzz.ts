import { readCommand, USAGE } from './fuzz-options.ts'
import { summaryLines } from './report.ts'
import { type FuzzOptions, runFuzz } from './run.ts'

const EXIT_USAGE = 64

const options = readLine()
if (options) await fuzz(options)

function readLine(): FuzzOptions | undefined {
  try {
    const read = readCommand(process.argv.slice(2))
    if (!read) console.log(USAGE)
    return read
  } catch (error) {
    console.error(`${(error as Error).message}; npm run fuzz -- --help says what there is`)
    process.exitCode = EXIT_USAGE
    return undefined
  }
}

async function fuzz({ requests, seed }: FuzzOptions): Promise<void> {
  console.log(`${requests} requests, seed ${seed}`)
  const outcome = await runFuzz({ requests, seed, say: (line) => console.log(line) })
  for (const line of summaryLines(outcome)) console.log(line)
  console.log(`${outcome.faults.length} faults (seed ${seed})`)
  process.exitCode = outcome.faults.length === 0 ? 0 : 1
}

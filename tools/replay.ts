import { replayHistory } from './replay/history.ts'
import { type ReplayOptions, readOptions, USAGE } from './replay/options.ts'
import { replay } from './replay/run.ts'

/** Replays a real shop's invoices through HTTP and compares the shop's own numbers with the file. */
process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  let options: ReplayOptions
  try {
    options = readOptions(args, process.env)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    return 1
  }
  try {
    return (await (options.history ? replayHistory : replay)(options)) ? 0 : 1
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
}

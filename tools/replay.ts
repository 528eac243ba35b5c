import { readOptions, USAGE } from './replay/options.ts'
import { replay } from './replay/run.ts'

/** Replays a real shop's invoices through HTTP and compares the shop's own numbers with the file. */
try {
  const options = readOptions(process.argv.slice(2), process.env)
  process.exitCode = (await replay(options)) ? 0 : 1
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`)
  process.exitCode = 1
}

import { parseArgs } from 'node:util'
import type { FuzzOptions } from './run.ts'

export const USAGE = `npm run fuzz -- [OPTIONS]

Makes requests of the API document, as it wants them and broken in one place, by callers of every kind, and sends them to a shop of
its own that it has filled. No answer may be a failure, have a status, a code or a body that is not documented, or not come; the
shop may log no error and is well in the end. Ends with status 1 when there was a fault, and prints its requests as curl.

  --requests N   how many (default 100,000)
  --seed N       chooses them; a run prints its own
  --help`

const REQUESTS = 100_000

/** Reads the command line; undefined when it only asks for help. Throws with a sentence for what it cannot be. */
export function readCommand(line: readonly string[]): FuzzOptions | undefined {
  const { values } = parseArgs({
    args: [...line],
    options: {
      requests: { type: 'string', default: String(REQUESTS) },
      seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return { requests: whole('--requests', values.requests), seed: whole('--seed', values.seed) }
}

function whole(option: string, text: string): number {
  const number = Number(text.replaceAll(/[,_]/g, ''))
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${option} must be a whole number above 0`)
  return number
}

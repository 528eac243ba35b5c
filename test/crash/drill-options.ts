import { parseArgs } from 'node:util'

export const USAGE = `npm run drill -- [OPTIONS]

Loads a shop on the embedded engines, backs it up meanwhile, restores the backup into another folder, starts a shop there, and
lets the checker of the crash campaign compare what clients were told before the backup with what that shop holds. The first shop goes
on through all rounds. Ends with status 1 and keeps its folder when an invariant was violated.

With --upgrade-from it rehearses an upgrade and its way back instead: the program of that commit, this one, the former again and this
one, under load on one folder; no request may fail, and the checker has the last word.

  --rounds N          so many backups (default 20)
  --upgrade-from REF  a tag, branch or commit of this repository
  --seed N            chooses what actors do
  --keep              keeps the folder in any case
  --help`

export interface DrillCommand {
  rounds: number
  upgradeFrom: string | undefined
  seed: number
  keep: boolean
}

/** Reads the command line; undefined when it only asks for help. Throws with a sentence for what it cannot be. */
export function readDrillCommand(line: readonly string[]): DrillCommand | undefined {
  const { values } = parseArgs({
    args: [...line],
    options: {
      rounds: { type: 'string' },
      'upgrade-from': { type: 'string' },
      seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const upgradeFrom = values['upgrade-from']
  if (upgradeFrom !== undefined && values.rounds !== undefined)
    throw new Error('--rounds counts backups, and --upgrade-from makes none')
  return {
    rounds: whole('--rounds', values.rounds ?? '20'),
    upgradeFrom,
    seed: whole('--seed', values.seed),
    keep: values.keep,
  }
}

function whole(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${option} must be a whole number above 0`)
  return number
}

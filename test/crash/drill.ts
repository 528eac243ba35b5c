import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type DrillCommand, readDrillCommand, USAGE } from './drill-options.ts'
import { runDrill } from './drill-run.ts'
import { runUpgrade } from './upgrade-run.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const EXIT_USAGE = 64

const command = readLine()
if (command) await drill(command)
// A client that still waits for an answer keeps nobody.
process.exit()

function readLine(): DrillCommand | undefined {
  try {
    const read = readDrillCommand(process.argv.slice(2))
    if (!read) console.log(USAGE)
    return read
  } catch (error) {
    console.error(`${(error as Error).message}; npm run drill -- --help says what there is`)
    process.exitCode = EXIT_USAGE
    return undefined
  }
}

async function drill(command: DrillCommand): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-drill-'))
  const began = performance.now()
  const violations = await (command.upgradeFrom === undefined
    ? backups(command, directory)
    : upgrade(command, command.upgradeFrom, directory))
  for (const violation of violations) console.log(`VIOLATION ${violation}`)
  const minutes = ((performance.now() - began) / 60_000).toFixed(1)
  console.log(`${violations.length} violations in ${minutes} minutes (seed ${command.seed})`)
  if (violations.length === 0 && !command.keep) rmSync(directory, { recursive: true })
  else console.log(`The folder is kept: ${directory}`)
  process.exitCode = violations.length === 0 ? 0 : 1
}

async function backups({ rounds, seed }: DrillCommand, directory: string): Promise<string[]> {
  const outcomes = await runDrill({ rounds, seed, directory, say: (line) => console.log(line) })
  return outcomes.flatMap((outcome) => outcome.violations)
}

/** With the packages of this program: the one before must not have needed others. */
async function upgrade({ seed }: DrillCommand, from: string, directory: string): Promise<string[]> {
  const previous = join(directory, 'previous')
  const git = (...line: string[]) =>
    execFileSync('git', line, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  git('worktree', 'add', '--detach', previous, from)
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(previous, 'node_modules'))
    return await runUpgrade({ previous, seed, directory, say: (line) => console.log(line) })
  } finally {
    git('worktree', 'remove', '--force', previous)
  }
}

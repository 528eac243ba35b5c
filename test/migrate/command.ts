import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const TOOL = join(import.meta.dirname, '../../tools/migrate-storage.ts')

export interface Run {
  status: number | null
  /** All that it wrote. */
  output: string
}

export interface Command {
  directory: string
  mongodb_url: string
  /** Kafka, where the log goes there. */
  environment?: Record<string, string>
  /** Further arguments. */
  options?: string[]
  /** Kills it with SIGKILL when it has written such a line. */
  killAt?: RegExp
}

/** Runs `npm run migrate-storage` in a process of its own. */
export async function migrate(command: Command): Promise<Run> {
  const { directory, mongodb_url, environment = {}, options = [], killAt } = command
  const { PATH, HOME } = process.env
  const child = spawn(
    process.execPath,
    [TOOL, '--from', `sqlite:${directory}`, '--to', mongodb_url, ...options],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, HOME, ...environment },
    },
  )
  let output = ''
  createInterface({ input: child.stdout }).on('line', (line) => {
    output += `${line}\n`
    if (killAt?.test(line)) child.kill('SIGKILL')
  })
  child.stderr.on('data', (text) => {
    output += text
  })
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { status, output }
}

import {
  type Config,
  ConfigurationError,
  EXIT_CONFIGURATION,
  environmentWithFile,
  readConfig,
} from '../../src/config.ts'
import { StartRefused } from '../../src/kernel/start-refused.ts'
import type { Manifest } from './manifest.ts'
import { BackupRefused } from './refused.ts'

const EXIT_USAGE = 64
const EXIT_INTERRUPTED = 130
const MB = 1_000_000

export interface Command {
  usage: string
  /** With the folder that the command line names; `signal` when somebody wants it to end. */
  run(folder: string, config: Config, signal: AbortSignal): Promise<void>
}

/** Runs a command with one folder as its argument: status 0, or a sentence and another one. */
export async function runCommand({ usage, run }: Command): Promise<void> {
  const folders = process.argv.slice(2)
  const [folder] = folders
  if (folder === undefined || folders.length > 1 || folder.startsWith('-')) {
    console.error(usage)
    process.exitCode = EXIT_USAGE
    return
  }
  const interruption = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort())
  try {
    const config = readConfig(environmentWithFile())
    refuseServers(config)
    await run(folder, config, interruption.signal)
  } catch (error) {
    process.exitCode = statusOf(error, interruption.signal)
    const expected = [BackupRefused, StartRefused, ConfigurationError].some((kind) => error instanceof kind)
    if (interruption.signal.aborted) console.error('Interrupted; nothing was left behind.')
    else console.error(expected ? (error as Error).message : error)
  }
}

/** What a backup or a restore says when it has ended. */
export function sizeOf({ files }: Manifest): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return `${files.length} files, ${(bytes / MB).toFixed(1)} MB`
}

/** On servers the folder holds a part of the shop, or none of it. */
function refuseServers({ MONGODB_URL: mongo, KAFKA_BOOTSTRAP_SERVERS: kafka }: Config): void {
  const elsewhere = [mongo !== undefined && 'MONGODB_URL', kafka !== undefined && 'KAFKA_BOOTSTRAP_SERVERS']
  const named = elsewhere.filter((name) => name !== false)
  if (named.length > 0)
    throw new BackupRefused(
      `${named.join(' and ')} is set: this shop does not lie in DATA_DIR alone. Back up its servers with their own means (docs/operations.md, Backup and restore).`,
    )
}

function statusOf(error: unknown, { aborted }: AbortSignal): number {
  if (aborted) return EXIT_INTERRUPTED
  return error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1
}

import { existsSync, renameSync } from 'node:fs'
import { ConfigurationError, EXIT_CONFIGURATION, environmentWithFile, readConfig } from '../src/config.ts'
import { systemClock as clock } from '../src/kernel/clock.ts'
import { StartRefused } from '../src/kernel/start-refused.ts'
import { CONSUMER_GROUPS } from '../src/shop/roll-ups.ts'
import { openEmbeddedLog } from '../src/stream/embedded/embedded-log.ts'
import { logPath } from '../src/stream/embedded/log-file.ts'
import { startOfNewLog } from '../src/stream/embedded/new-log.ts'
import { openStoppedStorage } from './open-data.ts'

/**
 * `npm run new-log`: the last resort when log.db is lost or damaged and no backup has it. The numbers counted
 * so far stay and go on; what the old log held can no longer be read or rebuilt.
 */
try {
  process.exitCode = await main(readConfig(environmentWithFile()).DATA_DIR)
} catch (error) {
  process.exitCode = error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1
  const expected = error instanceof ConfigurationError || error instanceof StartRefused
  console.error(expected ? error.message : error)
}

async function main(directory: string): Promise<number> {
  const { storage, close } = await openStoppedStorage(directory)
  try {
    const { outbox } = storage
    const fault = await faultOf(directory, outbox)
    if (fault === null) {
      console.log(`${logPath(directory)} is sound and belongs to the storage beside it; nothing was changed.`)
      return 1
    }
    console.log(fault)
    const kept = setAside(logPath(directory))
    const start = await startOfNewLog(storage, CONSUMER_GROUPS)
    await (await openEmbeddedLog({ directory, clock, start })).close()
    if (kept) console.log(`The old log lies in ${kept}.`)
    console.log('A new log begins where the storage stands; the shop can be started.')
    return 0
  } finally {
    await close()
  }
}

async function faultOf(
  directory: string,
  outbox: Parameters<typeof openEmbeddedLog>[0]['outbox'],
): Promise<string | null> {
  try {
    await (await openEmbeddedLog({ directory, clock, outbox })).close()
    return null
  } catch (error) {
    // A newer version's log is whole: it must not be put aside.
    if (error instanceof StartRefused && !/newer Tradewind/.test(error.message)) return error.message
    throw error
  }
}

function setAside(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  const kept = `${path}.set-aside-${new Date(clock.now()).toISOString().replaceAll(':', '')}`
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, kept + suffix)
  }
  return kept
}

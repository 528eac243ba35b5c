import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TOPICS } from '../../src/kernel/event.ts'
import { StartRefused } from '../../src/kernel/start-refused.ts'
import { lockDataDirectory } from '../../src/storage/sqlite/data-directory.ts'
import { openSqliteExport, type SqliteExport } from '../../src/storage/sqlite/export.ts'
import { STORAGE_FILE } from '../../src/storage/sqlite/file-format.ts'
import { type LogReading, openEmbeddedLogForReading } from '../../src/stream/embedded/embedded-log.ts'
import { logExists, logPath } from '../../src/stream/embedded/log-file.ts'

/** The shop that moves, as it lies in its folder; locked, so that no server starts on it meanwhile. */
export interface Source {
  directory: string
  shop: SqliteExport
  log: LogReading
  /** Tells this shop in this state from any other. */
  identity: string
  close(): void
}

/**
 * Opens both files of a stopped shop for reading. Throws StartRefused when a server has the folder, when a file is
 * missing, damaged, foreign or newer, or when the two do not belong together.
 */
export async function openSource(directory: string): Promise<Source> {
  if (!existsSync(join(directory, STORAGE_FILE)))
    throw new StartRefused(`There is no shop in ${directory}: --from names the DATA_DIR of a stopped server.`)
  if (!logExists(directory))
    throw new StartRefused(
      `${logPath(directory)} is missing: only a shop with its log beside it can move. Restore log.db from the backup of that folder. A shop whose log has been in Kafka from the start cannot be moved by this command.`,
    )
  const opened: (() => void)[] = []
  const close = () => {
    for (const one of opened.reverse()) one()
  }
  try {
    const lock = lockDataDirectory(directory)
    opened.push(() => lock.release())
    const shop = openSqliteExport(directory)
    opened.push(() => shop.close())
    const log = openEmbeddedLogForReading({ directory })
    opened.push(() => log.close())
    await refuseStrangers(directory, shop, log)
    return { directory, shop, log, identity: await identityOf(shop, log), close }
  } catch (error) {
    close()
    throw error
  }
}

/** Both files of one shop: the log has taken what the outbox no longer holds, and nothing that it never held. */
async function refuseStrangers(directory: string, shop: SqliteExport, log: LogReading): Promise<void> {
  const position = (await log.outboxPosition())!
  const [oldest] = shop.outbox(0, 1)
  const acknowledged = oldest ? oldest.position - 1 : shop.given()
  if (position >= acknowledged && position <= shop.given()) return
  throw new StartRefused(
    `${logPath(directory)} does not belong to the storage beside it (it ends at event ${position}, the storage has handed over ${acknowledged} of ${shop.given()}). Restore both files from one backup. If this shop has moved to MongoDB already and its log grew here since, nothing is left to move.`,
  )
}

async function identityOf(shop: SqliteExport, log: LogReading): Promise<string> {
  const state = [shop.fingerprint(), await log.outboxPosition(), await log.ends(TOPICS)]
  return createHash('sha256').update(JSON.stringify(state)).digest('hex')
}

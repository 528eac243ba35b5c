import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import manifest from '../../package.json' with { type: 'json' }
import { STORAGE_FILE } from '../../src/storage/sqlite/file-format.ts'
import { LOG_FILE } from '../../src/stream/embedded/log-file.ts'
import { type Cut, cutThrough } from './cut.ts'
import { copyFile, filesBelow, measureFile, syncFolders, syncPath } from './files.ts'
import { type BackedUpFile, FORMAT, MANIFEST_FILE, type Manifest } from './manifest.ts'
import { BackupRefused, explained } from './refused.ts'
import { refuseTarget } from './target.ts'

/** Pages that are copied before others get their turn. */
const PAGES_A_STEP = 1_000
/** What belongs to a running server, to SQLite, or is set aside. */
const LEFT_BEHIND = /(^lock\.db(-journal)?|-wal|-shm|-journal|\.set-aside-[^/]*)$/

export interface BackupOptions {
  /** DATA_DIR of a shop that may be running. */
  from: string
  /** A folder that is empty or not there. */
  to: string
  /** What was begun is removed when this tells to stop. */
  signal?: AbortSignal
}

/**
 * Copies the folder of a shop as it was at one moment, while the shop runs. `to` appears when all of it is there and synced. Throws
 * BackupRefused with a sentence, and then nothing is left.
 */
export async function makeBackup({ from, to, signal }: BackupOptions): Promise<Manifest> {
  for (const file of [STORAGE_FILE, LOG_FILE])
    if (!existsSync(join(from, file)))
      throw new BackupRefused(`There is no ${join(from, file)}: ${from} is not the folder of a shop.`)
  refuseTarget(to, from)
  const target = resolve(to)
  const unfinished = `${target}.unfinished-${randomUUID()}`
  try {
    mkdirSync(unfinished, { mode: 0o700 })
    const made = await fill(unfinished, from, signal)
    renameSync(unfinished, target)
    syncPath(dirname(target))
    return made
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw explained(error, to)
  }
}

async function fill(folder: string, from: string, signal: AbortSignal | undefined): Promise<Manifest> {
  const names = filesBelow(from).filter((path) => !LEFT_BEHIND.test(path))
  // The storage last: it is the one that may go on while the others are opened.
  const databases = [...names.filter((path) => isDatabase(path) && path !== STORAGE_FILE), STORAGE_FILE]
  const copied = new Map<string, BackedUpFile>()
  // Files that the databases name have to be there, whether they go or come while this works: before and after.
  await copyOthers(from, folder, copied, signal)
  const cut = await cutThrough(databases.map((path) => join(from, path)))
  try {
    await copyOthers(from, folder, copied, signal)
    await copyDatabases(cut, databases, folder, signal)
  } finally {
    cut.close()
  }
  for (const path of databases) copied.set(path, await measureFile(folder, path))
  const made: Manifest = {
    format: FORMAT,
    version: manifest.version,
    at: new Date(cut.at).toISOString(),
    files: [...copied.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
  const text = `${JSON.stringify(made, null, 1)}\n`
  writeFileSync(join(folder, MANIFEST_FILE), text, { mode: 0o600, flush: true })
  syncFolders(folder)
  return made
}

/** The files of writers of their own; what lies deeper, as media, is nobody's database. */
function isDatabase(path: string): boolean {
  return /^[^/]+\.db$/.test(path)
}

/** Files beside the databases; those that were copied with this size and this time are left. */
async function copyOthers(
  from: string,
  folder: string,
  copied: Map<string, BackedUpFile>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const path of filesBelow(from)) {
    signal?.throwIfAborted()
    if (LEFT_BEHIND.test(path) || isDatabase(path) || !isNewer(join(from, path), join(folder, path))) continue
    const file = await copyFile(from, folder, path)
    if (file) copied.set(path, file)
  }
}

function isNewer(source: string, copy: string): boolean {
  const there = statSync(copy, { throwIfNoEntry: false })
  const now = statSync(source, { throwIfNoEntry: false })
  return now !== undefined && (!there || now.size !== there.size || now.mtimeMs >= there.mtimeMs)
}

async function copyDatabases(
  cut: Cut,
  paths: readonly string[],
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [index, path] of paths.entries()) {
    const target = join(folder, path)
    writeFileSync(target, '', { mode: 0o600 })
    await backup(cut.databases[index]!, target, {
      rate: PAGES_A_STEP,
      progress: () => signal?.throwIfAborted(),
    })
    chmodSync(target, 0o600)
    syncPath(target)
    verify(target)
  }
}

/** A damaged page is found now, and not when the backup is needed. */
function verify(path: string): void {
  const url = pathToFileURL(path)
  // Nobody else has it open: without this mark SQLite would lay files of its own beside it.
  url.searchParams.set('immutable', '1')
  const db = new DatabaseSync(url, { readOnly: true })
  try {
    const { quick_check: found } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
    if (found !== 'ok') throw new BackupRefused(`The shop's own ${path} is damaged (${found}).`)
  } finally {
    db.close()
  }
}

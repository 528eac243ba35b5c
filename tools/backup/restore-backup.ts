import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { LOCK_FILE, lockDataDirectory, RESTORING } from '../../src/storage/sqlite/data-directory.ts'
import { STORAGE_FILE } from '../../src/storage/sqlite/file-format.ts'
import { copyFile, syncFolders, syncPath } from './files.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { BackupRefused, explained } from './refused.ts'

/** What SQLite leaves beside a database that is gone; beside another one it would be read as a part of that. */
const STALE = /\.db-(wal|shm|journal)$/

export interface RestoreOptions {
  /** A backup. */
  from: string
  /** DATA_DIR of the shop to be, empty or not there. */
  to: string
  signal?: AbortSignal
}

/**
 * Lays a backup into an empty folder, each file compared with what the backup says of it, and syncs it. No server starts there
 * before all of it is in place. Throws BackupRefused with a sentence, and then nothing of it is left.
 */
export async function restoreBackup({ from, to, signal }: RestoreOptions): Promise<Manifest> {
  const manifest = readManifest(from)
  refuseFull(to)
  const lock = lockDataDirectory(to)
  try {
    for (const name of readdirSync(to)) if (STALE.test(name)) rmSync(join(to, name))
    const staging = join(to, RESTORING)
    mkdirSync(staging, { mode: 0o700 })
    try {
      await copyAll(manifest, from, staging, signal)
      syncFolders(staging)
    } catch (error) {
      rmSync(staging, { recursive: true, force: true })
      throw explained(error, to)
    }
    moveIn(staging, to)
    return manifest
  } finally {
    lock.release()
  }
}

function refuseFull(to: string): void {
  if (!statSync(to, { throwIfNoEntry: false })) return
  const found = readdirSync(to).find((name) => name !== LOCK_FILE && name !== RESTORING && !STALE.test(name))
  if (found !== undefined)
    throw new BackupRefused(
      `${to} is not empty (${found}): a backup is restored into an empty folder. Move what is there away, or name another folder with DATA_DIR.`,
    )
}

async function copyAll(
  { files }: Manifest,
  from: string,
  staging: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const wanted of files) {
    signal?.throwIfAborted()
    const file = await copyFile(from, staging, wanted.path)
    if (file?.bytes !== wanted.bytes || file.sha256 !== wanted.sha256)
      throw new BackupRefused(
        `${join(from, wanted.path)} is ${file ? 'not what was backed up' : 'missing'}: the backup is damaged; use another one.`,
      )
  }
}

/** The storage last: without it nothing can be taken for a shop. */
function moveIn(staging: string, to: string): void {
  const names = readdirSync(staging).filter((name) => name !== STORAGE_FILE)
  for (const name of [...names, STORAGE_FILE]) renameSync(join(staging, name), join(to, name))
  syncPath(to)
  rmdirSync(staging)
  syncPath(to)
}

import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { BackedUpFile } from './manifest.ts'

/** Every file below a folder, by its path there with slashes; links are followed. What goes meanwhile is not there. */
export function filesBelow(folder: string, below = ''): string[] {
  return namesIn(join(folder, below), { must_be: below === '' })
    .sort()
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`
      const found = statSync(join(folder, path), { throwIfNoEntry: false })
      if (found?.isDirectory()) return filesBelow(folder, path)
      return found?.isFile() ? [path] : []
    })
}

function namesIn(folder: string, { must_be }: { must_be: boolean }): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (must_be || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return []
  }
}

/**
 * Copies a file, for its owner alone and synced, and says what was copied; undefined when it has gone. What lies there
 * already is replaced by a copy.
 */
export async function copyFile(from: string, to: string, path: string): Promise<BackedUpFile | undefined> {
  // Opened before anything is made at the target, which then stays as it is when there is nothing to copy.
  const source = await open(join(from, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (!source) return undefined
  const target = join(to, path)
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
  const measure = measuring()
  const written = createWriteStream(target, { mode: 0o600, flush: true })
  await pipeline(source.createReadStream(), measure.through, written)
  return { path, ...measure.result() }
}

/** What lies there, without copying it. */
export async function measureFile(folder: string, path: string): Promise<BackedUpFile> {
  const measure = measuring()
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  await pipeline(createReadStream(join(folder, path)), measure.through, nowhere)
  return { path, ...measure.result() }
}

function measuring() {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    async *through(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        bytes += chunk.length
        yield chunk
      }
    },
    result: () => ({ bytes, sha256: hash.digest('hex') }),
  }
}

/** Makes names in a folder, and in those below it, last like the files that they name. */
export function syncFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) syncFolders(join(folder, entry.name))
  syncPath(folder)
}

/** Syncs a file or a folder. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, normalize, sep } from 'node:path'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { BackupRefused } from './refused.ts'

export const MANIFEST_FILE = 'backup.json'
/** Raised when an older program could not restore it. */
export const FORMAT = 1

const BackedUpFile = Type.Object({
  /** Below the folder, with slashes. */
  path: Type.String({ minLength: 1 }),
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
})

const Manifest = Type.Object({
  format: Type.Integer({ minimum: 1 }),
  /** Of the program that made it. */
  version: Type.String(),
  /** The moment that the backup shows. */
  at: Type.String(),
  files: Type.Array(BackedUpFile),
})

export type BackedUpFile = Static<typeof BackedUpFile>
export type Manifest = Static<typeof Manifest>

const shape = Compile(Manifest)

/** What a backup says it holds. Throws BackupRefused with a sentence when it says nothing, or nothing that may be believed. */
export function readManifest(folder: string): Manifest {
  const manifest = parsed(folder)
  const { format } = (manifest ?? {}) as Partial<Manifest>
  if (typeof format === 'number' && format > FORMAT)
    throw new BackupRefused(
      `${folder} was backed up by a newer version (format ${format}, this one knows ${FORMAT}). Restore it with that version.`,
    )
  if (!shape.Check(manifest) || manifest.files.some(({ path }) => leaves(path))) throw broken(folder)
  return manifest
}

function parsed(folder: string): unknown {
  const path = join(folder, MANIFEST_FILE)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (!existsSync(folder))
      throw new BackupRefused(`There is no folder ${folder}; name that of a backup.`, error)
    if (!existsSync(path))
      throw new BackupRefused(`${folder} is no backup: it has no ${MANIFEST_FILE}.`, error)
    throw new BackupRefused(`${path} cannot be read: ${(error as Error).message}`, error)
  }
  try {
    return JSON.parse(text)
  } catch {
    throw broken(folder)
  }
}

function leaves(path: string): boolean {
  const plain = normalize(path)
  return isAbsolute(plain) || plain.split(sep).includes('..') || plain === '.'
}

function broken(folder: string): BackupRefused {
  return new BackupRefused(`${join(folder, MANIFEST_FILE)} is damaged; use another backup.`)
}

import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SECRET_BYTES = 48

/**
 * The key of access tokens outside production: made once, kept in DATA_DIR readable by its owner only. The
 * rename makes it appear whole or not at all; the caller holds the lock of the folder.
 */
export function generatedSecret(directory: string): string {
  const path = join(directory, 'jwt-secret')
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  const unfinished = `${path}.new`
  writeFileSync(unfinished, secret, { mode: 0o600, flush: true })
  renameSync(unfinished, path)
  return secret
}

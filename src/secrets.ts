import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SECRET_BYTES = 48

/**
 * The key of access tokens outside production: made once, kept in DATA_DIR readable by its owner only. The link
 * makes it appear whole or not at all, and the first of several servers that share the folder decides.
 */
export function generatedSecret(directory: string): string {
  const path = join(directory, 'jwt-secret')
  const known = read(path)
  if (known !== undefined) return known
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  const unfinished = `${path}.${randomUUID()}`
  writeFileSync(unfinished, secret, { mode: 0o600, flush: true })
  try {
    linkSync(unfinished, path)
    return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return read(path)!
  } finally {
    rmSync(unfinished)
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

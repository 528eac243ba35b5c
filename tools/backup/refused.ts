/** A backup or restore that cannot be; the message says what to do. */
export class BackupRefused extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'BackupRefused'
  }
}

const SQLITE_FULL = 13
const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** The same error, or a sentence where the machine and not the program is in the way. */
export function explained(error: unknown, folder: string): unknown {
  const { code = '', errcode = 0, message } = error as NodeJS.ErrnoException & { errcode?: number }
  if (FULL.has(code) || (errcode & 0xff) === SQLITE_FULL)
    return new BackupRefused(
      `There is no room for all of it at ${folder}; nothing was left there. Make room, or name a folder on another disk.`,
      error,
    )
  if (code === 'EXDEV' || code === 'EBUSY')
    return new BackupRefused(`${folder} is a disk of its own: name a folder inside it.`, error)
  if (/^E[A-Z]+$/.test(code))
    return new BackupRefused(`${folder} cannot be used: ${message}; nothing was left there.`, error)
  return error
}

/** Primary result codes of SQLite that decide what happens next. Source: https://www.sqlite.org/rescode.html */
const BUSY = 5
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26
/** Extended codes. */
const IOERR_SHMSIZE = 4874
const CONSTRAINT_PRIMARYKEY = 1555
const CONSTRAINT_UNIQUE = 2067

/** The extended result code of an error of node:sqlite, 0 for any other error. */
export function sqliteCode(error: unknown): number {
  const code = (error as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' ? code : 0
}

function primary(error: unknown): number {
  return sqliteCode(error) & 0xff
}

/** No room on the disk; the shared index of the write-ahead log reports that in its own way. */
export function isDiskFull(error: unknown): boolean {
  return primary(error) === FULL || sqliteCode(error) === IOERR_SHMSIZE
}

/** A write or sync failed: what is on the disk is unknown from now on. */
export function isFailedSync(error: unknown): boolean {
  return primary(error) === IOERR && !isDiskFull(error)
}

/** Nothing is wrong with the write: it may work later. */
export function isTemporary(error: unknown): boolean {
  return isDiskFull(error) || [BUSY, READONLY, CANTOPEN].includes(primary(error))
}

export function isDamaged(error: unknown): boolean {
  return [CORRUPT, NOTADB, IOERR].includes(primary(error))
}

/** What SQLite names in a broken unique index (`table.column, table.column`), undefined for other errors. */
export function brokenUnique(error: unknown): string | undefined {
  const code = sqliteCode(error)
  if (code !== CONSTRAINT_UNIQUE && code !== CONSTRAINT_PRIMARYKEY) return undefined
  return (error as Error).message.replace(/^UNIQUE constraint failed: /, '')
}

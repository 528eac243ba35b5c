import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** `TWTP`: this file is the test provider's and no shop's. */
const APPLICATION_ID = 0x54575450

const TABLES = `
CREATE TABLE IF NOT EXISTS objects (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  order_id TEXT NOT NULL,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  captured INTEGER NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND amount),
  refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND captured),
  created_at INTEGER NOT NULL
) STRICT;
DROP INDEX IF EXISTS objects_created;
CREATE INDEX IF NOT EXISTS objects_listed ON objects (created_at, id);
CREATE TABLE IF NOT EXISTS operations (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  amount INTEGER NOT NULL,
  method TEXT NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT,
  action TEXT UNIQUE,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS notices (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  copies INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS forgeries (n INTEGER PRIMARY KEY, notice TEXT NOT NULL, status INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS notices_due ON notices (due_at, n) WHERE copies > 0;
`

/**
 * Opens the ledger of the test provider (0600): every object and every operation that ever was. It is synced at checkpoints and not with each
 * operation: nobody's money is in it, and a killed process loses nothing.
 */
export function openLedgerFile(path: string): DatabaseSync {
  closeSync(openSync(path, 'a', 0o600))
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000')
  const { application_id } = db.prepare('PRAGMA application_id').get() as { application_id: number }
  if (application_id !== 0 && application_id !== APPLICATION_ID) {
    db.close()
    throw new Error(`${path} is not a ledger of the test provider`)
  }
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
  db.exec(TABLES)
  return db
}

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { it, type TestContext } from 'node:test'
import { NOTES, note, told } from '../../../test/contracts/storage-fixtures.ts'
import { until } from '../../../test/support/until.ts'
import { systemClock } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { Storage } from '../storage.ts'
import { openSqliteStorage, type SqliteStorageOptions } from './sqlite-storage.ts'

const TMPFS_BYTES = 16 * 1024 * 1024
const MAX_PAGES = 1_000
const BATCH = 64
const LARGE_TEXT = 'x'.repeat(20_000)
const isRoot = process.getuid?.() === 0

const open = (options: Pick<SqliteStorageOptions, 'directory' | 'max_pages'>) =>
  openSqliteStorage({ ...options, collections: [NOTES], clock: systemClock })

/** A file system of its own that is as small as the test needs. */
function mountSmallDisk(t: TestContext): string {
  const mount = mkdtempSync(join(tmpdir(), 'tradewind-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${TMPFS_BYTES}`, 'tmpfs', mount])
  t.after(() => {
    execFileSync('umount', ['--lazy', mount])
    rmSync(mount, { recursive: true, force: true })
  })
  return mount
}

/** Writes batches until one of them meets the end of the room; says what was and was not acknowledged. */
async function writeUntilFull(storage: Storage) {
  const kept: string[] = []
  const lost: string[] = []
  while (lost.length === 0) {
    const drafts = Array.from({ length: BATCH }, () => note({ state: LARGE_TEXT }))
    const inserts = drafts.map((draft) => storage.collection(NOTES).insert(draft, [told(draft.id, 'made')]))
    for (const [place, result] of (await Promise.allSettled(inserts)).entries()) {
      if (result.status === 'fulfilled') kept.push(drafts[place]!.id)
      else {
        assert.ok(isRefusal(result.reason, 'storage_unavailable'), String(result.reason))
        lost.push(drafts[place]!.id)
      }
    }
  }
  return { kept, lost }
}

async function assertExactly(
  storage: Storage,
  { kept, lost }: { kept: string[]; lost: string[] },
): Promise<void> {
  const notes = storage.collection(NOTES)
  assert.equal((await notes.getMany(kept)).length, kept.length)
  assert.deepEqual(await notes.getMany(lost), [])
  const subjects = (await storage.outbox.read(0, 10_000)).map(({ event }) => event.subject)
  assert.deepEqual(new Set(subjects), new Set(kept.map((id) => `notes/${id}`)))
}

function assertSound(directory: string): void {
  const db = new DatabaseSync(join(directory, 'shop.db'), { readOnly: true })
  assert.deepEqual({ ...db.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' })
  db.close()
}

it('a disk that is full in the middle of a batch fails that whole batch, and the storage goes on when there is room', {
  skip: !isRoot && 'mounting a small disk needs root',
}, async (t) => {
  const mount = mountSmallDisk(t)
  const directory = join(mount, 'data')
  const storage = await open({ directory })
  const filler = join(mount, 'filler')
  writeFileSync(filler, Buffer.alloc(TMPFS_BYTES / 2))
  const written = await writeUntilFull(storage)
  await assertExactly(storage, written)
  rmSync(filler)
  await until(() =>
    storage.check().then(
      () => true,
      () => false,
    ),
  )
  const more = await storage.collection(NOTES).insertMany(Array.from({ length: BATCH }, () => note()))
  assert.ok(more.every(({ ok }) => ok))
  await storage.close()
  assertSound(directory)
  const again = await open({ directory })
  await assertExactly(again, written)
  await again.close()
})

it('a file at its largest size fails the whole batch, and takes writes again after documents went', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const storage = await open({ directory, max_pages: MAX_PAGES })
  const written = await writeUntilFull(storage)
  await assertExactly(storage, written)
  await until(async () => {
    const { items } = await storage.collection(NOTES).list({ index: 'by_owner', equal: ['usr_1'], limit: 10 })
    for (const { id, version } of items) await storage.collection(NOTES).remove(id, version)
    return (
      (
        await storage
          .collection(NOTES)
          .insertMany([note({ state: LARGE_TEXT })])
          .catch(() => [])
      ).length === 1
    )
  })
  await storage.close()
  assertSound(directory)
})

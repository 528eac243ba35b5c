import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { NOTES, type Note, note } from '../../../test/contracts/storage-fixtures.ts'
import { temporaryDirectory } from '../../../test/support/storage.ts'
import { systemClock } from '../../kernel/clock.ts'
import { STORAGE_FILE } from './file-format.ts'
import { openSqliteStorage } from './sqlite-storage.ts'

const ROUNDS = 60
const AT_ONCE = 100
const MARK = /<mark \d+>/g

/** Numbers that look random and are the same in every run. */
function numbers(): (below: number) => number {
  let seed = 7
  return (below) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return seed % below
  }
}

test('after a scrub no byte of the files tells what was removed or replaced', async (t) => {
  const directory = temporaryDirectory(t)
  const storage = await openSqliteStorage({ directory, collections: [NOTES], clock: systemClock })
  t.after(() => storage.close())
  const notes = storage.collection(NOTES)
  const below = numbers()
  let marks = 0
  const marked = () => {
    const mark = `<mark ${marks++}>`
    return mark + '.'.repeat(below(10) === 0 ? below(9_000) : below(900)) + mark
  }
  let living: Note[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const kept = await Promise.all(
      living.map(async (one) => {
        const fate = below(10)
        if (fate < 4) return notes.replace({ ...one, text: marked() })
        return fate < 6 && (await notes.remove(one.id, one.version)) ? undefined : one
      }),
    )
    const made = Array.from({ length: AT_ONCE }, () => notes.insert(note({ text: marked() })))
    living = [...kept.filter((one) => one !== undefined), ...(await Promise.all(made))]
  }
  await storage.scrub()
  const bytes = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'))
  const found = new Set(bytes.flatMap((text) => text.match(MARK) ?? []))
  assert.deepEqual(found, new Set(living.flatMap(({ text }) => text.match(MARK)!)))
})

test('a scrub that somebody is in the way of is refused, writes nothing anew, and succeeds when they are gone', async (t) => {
  const directory = temporaryDirectory(t)
  const storage = await openSqliteStorage({ directory, collections: [NOTES], clock: systemClock })
  t.after(() => storage.close())
  const notes = storage.collection(NOTES)
  for (let count = 0; count < 40; count++) await notes.insert(note({ text: 'x'.repeat(50_000) }))
  await storage.scrub()
  const reader = new DatabaseSync(join(directory, STORAGE_FILE), { readOnly: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM sqlite_master').get()
  await notes.insert(note({ text: 'one more' }))
  const log_bytes = () => statSync(join(directory, `${STORAGE_FILE}-wal`)).size
  const before = log_bytes()
  await assert.rejects(storage.scrub(), { code: 'storage_unavailable' })
  assert.ok(log_bytes() < before + 500_000, `${before} bytes became ${log_bytes()}`)
  reader.close()
  await storage.scrub()
  assert.equal(log_bytes(), 0)
})

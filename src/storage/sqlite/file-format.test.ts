import assert from 'node:assert/strict'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import { NOTES, note } from '../../../test/contracts/storage-fixtures.ts'
import { temporaryDirectory } from '../../../test/support/storage.ts'
import { systemClock } from '../../kernel/clock.ts'
import { StartRefused } from '../../kernel/start-refused.ts'
import { SCHEMA_VERSION } from './file-checks.ts'
import { STORAGE_FILE } from './file-format.ts'
import { openSqliteStorage } from './sqlite-storage.ts'

const open = (directory: string, readOnly = false) =>
  openSqliteStorage({ directory, collections: [NOTES], clock: systemClock, readOnly })

/** A folder with a shop of some documents, closed. */
async function shopFolder(t: TestContext): Promise<{ directory: string; path: string }> {
  const directory = temporaryDirectory(t)
  const storage = await open(directory)
  await storage
    .collection(NOTES)
    .insertMany(Array.from({ length: 200 }, () => note({ state: 'x'.repeat(2_000) })))
  await storage.close()
  return { directory, path: join(directory, STORAGE_FILE) }
}

const refusal = (sentence: RegExp) => (error: unknown) =>
  error instanceof StartRefused && sentence.test(error.message)

describe('the database file', () => {
  it('and its folder can be read by their owner alone', async (t) => {
    const directory = join(temporaryDirectory(t), 'deep', 'data')
    const storage = await open(directory)
    assert.equal(statSync(directory).mode & 0o777, 0o700)
    const files = readdirSync(directory)
    assert.ok(files.includes(`${STORAGE_FILE}-wal`))
    for (const file of files) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file)
    await storage.close()
  })

  it('is refused when it is no database, and left as it is', async (t) => {
    const directory = temporaryDirectory(t)
    const path = join(directory, STORAGE_FILE)
    for (const content of ['hello', 'not a database '.repeat(1_000)]) {
      writeFileSync(path, content)
      await assert.rejects(open(directory), refusal(/damaged or not a database.*Restore it from a backup/))
      assert.equal(readFileSync(path, 'utf8'), content)
    }
  })

  it('is refused when it belongs to another program', async (t) => {
    const directory = temporaryDirectory(t)
    const db = new DatabaseSync(join(directory, STORAGE_FILE))
    db.exec('CREATE TABLE recipes (name TEXT)')
    db.close()
    await assert.rejects(open(directory), refusal(/another program.*DATA_DIR/))
  })

  it('is refused when a newer server wrote it', async (t) => {
    const { directory, path } = await shopFolder(t)
    const db = new DatabaseSync(path)
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`)
    db.close()
    await assert.rejects(open(directory), refusal(/newer version.*Start that version/))
  })

  it('is refused when it is damaged in the middle or cut off', async (t) => {
    const { directory, path } = await shopFolder(t)
    const whole = join(directory, 'whole')
    copyFileSync(path, whole)
    const bytes = readFileSync(path)
    bytes.fill(0xa5, 8 * 4_096, 20 * 4_096)
    writeFileSync(path, bytes)
    await assert.rejects(open(directory), refusal(/damaged/))
    copyFileSync(whole, path)
    truncateSync(path, 10 * 4_096)
    await assert.rejects(open(directory), refusal(/damaged/))
    copyFileSync(whole, path)
    await (await open(directory)).close()
  })

  it('is opened to read beside a running server, and refuses to be written there', async (t) => {
    const { directory } = await shopFolder(t)
    const server = await open(directory)
    const tool = await open(directory, true)
    const inserted = await server.collection(NOTES).insert(note())
    assert.deepEqual(await tool.collection(NOTES).get(inserted.id), inserted)
    assert.equal((await tool.collection(NOTES).count({ index: 'by_owner', equal: ['usr_1'] })).value, 201)
    await assert.rejects(tool.collection(NOTES).insert(note()))
    await tool.close()
    await server.close()
    const alone = await open(directory, true)
    assert.ok(await alone.collection(NOTES).get(inserted.id))
    await alone.close()
  })

  it('is not made by a tool that only reads', async (t) => {
    const directory = join(temporaryDirectory(t), 'empty')
    mkdirSync(directory)
    await assert.rejects(open(directory, true), refusal(/no database/))
    assert.deepEqual(readdirSync(directory), [])
  })
})

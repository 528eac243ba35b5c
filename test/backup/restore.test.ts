import assert from 'node:assert/strict'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { startApplication } from '../../src/application.ts'
import { readConfig } from '../../src/config.ts'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { StartRefused } from '../../src/kernel/start-refused.ts'
import { lockDataDirectory } from '../../src/storage/sqlite/data-directory.ts'
import { makeBackup } from '../../tools/backup/make-backup.ts'
import { BackupRefused } from '../../tools/backup/refused.ts'
import { restoreBackup } from '../../tools/backup/restore-backup.ts'
import { SILENT } from '../support/log.ts'
import { type RunningShop, startShop } from '../support/shop.ts'
import { temporaryDirectory } from '../support/storage.ts'
import { EMBEDDED, openStore } from './support.ts'

let shop: RunningShop
/** Two backups of one shop, the second with an order more. */
let older: string
let newer: string

describe('a restore', () => {
  const later: (() => void)[] = []
  before(async () => {
    shop = await startShop({ config: EMBEDDED })
    const folder = temporaryDirectory({ after: (remove: () => void) => later.push(remove) } as never)
    const { order } = await openStore(shop)
    const ann = await shop.registerCustomer()
    await shop.caughtUp()
    older = join(folder, 'older')
    await makeBackup({ from: shop.directory, to: older })
    assert.equal((await ann.post('/orders', order)).status, 201)
    await shop.caughtUp()
    newer = join(folder, 'newer')
    await makeBackup({ from: shop.directory, to: newer })
  })
  after(async () => {
    await shop.stop()
    for (const remove of later) remove()
  })

  it('wants an empty folder, and takes away what SQLite left of a database that is gone', async (t) => {
    const to = temporaryDirectory(t)
    writeFileSync(join(to, 'shop.db-wal'), 'of another database')
    lockDataDirectory(to).release()
    await restoreBackup({ from: newer, to })
    assert.ok(!existsSync(join(to, 'shop.db-wal')))
    assert.deepEqual(readFileSync(join(to, 'shop.db')), readFileSync(join(newer, 'shop.db')))
    await assert.rejects(restoreBackup({ from: newer, to }), refusal(/is not empty .*an empty folder/))
    const other = temporaryDirectory(t)
    writeFileSync(join(other, 'letter'), 'mine')
    await assert.rejects(restoreBackup({ from: newer, to: other }), refusal(/is not empty \(letter\)/))
    assert.deepEqual(readdirSync(other), ['letter'])
  })

  it('refuses a backup of which a file is missing, longer, shorter or changed, and leaves nothing', async (t) => {
    const changes: [string, (path: string) => void][] = [
      ['missing', (path) => rmSync(path)],
      ['not what was backed up', (path) => writeFileSync(path, 'x', { flag: 'a' })],
      ['not what was backed up', (path) => truncateSync(path, 4_096)],
      ['not what was backed up', (path) => writeFileSync(path, readFileSync(path).fill(1, 100, 101))],
    ]
    for (const [what, change] of changes) {
      const from = copyOf(t, newer)
      change(join(from, 'log.db'))
      const to = join(temporaryDirectory(t), 'data')
      const sentence = new RegExp(`log\\.db is ${what}: the backup is damaged`)
      await assert.rejects(restoreBackup({ from, to }), refusal(sentence))
      assert.deepEqual(readdirSync(to), ['lock.db'])
      await restoreBackup({ from: newer, to })
    }
  })

  it('refuses a list of files that is missing, damaged, newer, or leads elsewhere', async (t) => {
    const file = { path: '../shop.db', bytes: 1, sha256: '0'.repeat(64) }
    const manifest = { format: 1, version: '0.1.0', at: '2026-01-02T03:04:05.678Z', files: [file] }
    const lists: [string, RegExp][] = [
      ['{"format":1,', /backup\.json is damaged/],
      ['null', /backup\.json is damaged/],
      [JSON.stringify({ ...manifest, format: 2, files: 'other' }), /newer version \(format 2/],
      [JSON.stringify(manifest), /backup\.json is damaged/],
      [JSON.stringify({ ...manifest, files: [{ ...file, path: '/etc/shop' }] }), /backup\.json is damaged/],
    ]
    const from = copyOf(t, newer)
    const to = join(temporaryDirectory(t), 'data')
    for (const [list, sentence] of lists) {
      writeFileSync(join(from, 'backup.json'), list)
      await assert.rejects(restoreBackup({ from, to }), refusal(sentence), list)
    }
    rmSync(join(from, 'backup.json'))
    await assert.rejects(restoreBackup({ from, to }), refusal(/is no backup/))
    await assert.rejects(restoreBackup({ from: join(from, 'none'), to }), refusal(/^There is no folder/))
    assert.ok(!existsSync(to))
  })

  it('that was broken off leaves a folder in which no shop starts and nothing is restored', async (t) => {
    const to = temporaryDirectory(t)
    mkdirSync(join(to, 'restoring'))
    copyFileSync(join(newer, 'shop.db'), join(to, 'restoring', 'shop.db'))
    const sentence = /A restore into .* was broken off\. Empty that folder/
    await assert.rejects(start(to), refused(sentence))
    await assert.rejects(restoreBackup({ from: newer, to }), refused(sentence))
    rmSync(join(to, 'restoring'), { recursive: true })
    await restoreBackup({ from: newer, to })
    await start(to)
  })

  it('of one file of a backup only, beside the other of another, makes no shop', async (t) => {
    for (const [log, storage] of [
      [older, newer],
      [newer, older],
    ] as const) {
      const to = temporaryDirectory(t)
      copyFileSync(join(log, 'log.db'), join(to, 'log.db'))
      copyFileSync(join(storage, 'shop.db'), join(to, 'shop.db'))
      await assert.rejects(start(to), refused(/log\.db does not belong to the storage.*npm run restore/s))
    }
  })
})

const refusal = (sentence: RegExp) => (error: unknown) =>
  error instanceof BackupRefused && sentence.test(error.message)
const refused = (sentence: RegExp) => (error: unknown) =>
  error instanceof StartRefused && sentence.test(error.message)

function copyOf(t: TestContext, backup: string): string {
  const copy = join(temporaryDirectory(t), 'copy')
  cpSync(backup, copy, { recursive: true })
  return copy
}

async function start(directory: string): Promise<void> {
  const config = readConfig({ DATA_DIR: directory, PORT: '0', BCRYPT_COST: '4', NODE_ENV: 'test' })
  await (await startApplication({ config, clock, logger: SILENT })).stop()
}

import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { makeBackup } from '../../tools/backup/make-backup.ts'
import { readManifest } from '../../tools/backup/manifest.ts'
import { BackupRefused } from '../../tools/backup/refused.ts'
import { type RunningShop, startShop } from '../support/shop.ts'
import { openSmallDisk, whyNoDisk } from '../support/small-disk.ts'
import { temporaryDirectory } from '../support/storage.ts'
import { command, EMBEDDED, openStore } from './support.ts'

async function openShop(t: TestContext, directory?: string): Promise<RunningShop> {
  const shop = await startShop({ config: EMBEDDED, ...(directory !== undefined && { directory }) })
  t.after(() => shop.stop())
  return shop
}

const refusal = (sentence: RegExp) => (error: unknown) =>
  error instanceof BackupRefused && sentence.test(error.message)

const filesIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

describe('a backup', () => {
  it('of a running shop becomes the shop as it was, which goes on by itself', async (t) => {
    const shop = await openShop(t)
    const { staff, order } = await openStore(shop)
    const ann = await shop.registerCustomer()
    const before = await ann.post('/orders', order, { 'idempotency-key': 'before' })
    mkdirSync(join(shop.directory, 'media/ab'), { recursive: true })
    writeFileSync(join(shop.directory, 'media/ab/picture'), 'a picture')
    const folder = temporaryDirectory(t)
    const to = join(folder, 'backup')
    const backup = await command('backup', [to], { DATA_DIR: shop.directory })
    assert.equal(backup.status, 0, backup.output)
    const after = await ann.post('/orders', order, { 'idempotency-key': 'after' })
    assert.equal(after.status, 201)

    const directory = join(folder, 'data')
    const restore = await command('restore', [to], { DATA_DIR: directory })
    assert.equal(restore.status, 0, restore.output)
    const restored = await openShop(t, directory)
    const again = restored.withToken(ann.access_token)
    assert.equal((await again.get(`/orders/${before.body.id}`)).body.status, 'confirmed')
    assert.equal((await again.get(`/orders/${after.body.id}`)).status, 404)
    const repeated = await again.post('/orders', order, { 'idempotency-key': 'before' })
    assert.equal(repeated.headers.get('idempotent-replayed'), 'true')
    assert.equal(repeated.body.id, before.body.id)
    assert.equal(readFileSync(join(directory, 'media/ab/picture'), 'utf8'), 'a picture')

    const new_order = await again.post('/orders', order, { 'idempotency-key': 'after' })
    assert.equal(new_order.status, 201)
    await restored.caughtUp()
    const stats = await restored.withToken(staff.access_token).get('/admin/stats')
    assert.equal(stats.body.orders.total, 2)
    await shop.caughtUp()
    assert.equal((await staff.get('/admin/stats')).body.orders.total, 2)
    assert.equal((await shop.withToken(ann.access_token).get(`/orders/${new_order.body.id}`)).status, 404)
  })

  it('is for its owner alone, and names every file that it holds', async (t) => {
    const shop = await openShop(t)
    const to = join(temporaryDirectory(t), 'backup')
    await makeBackup({ from: shop.directory, to })
    const names = filesIn(to)
    assert.deepEqual(names, ['backup.json', 'jwt-secret', 'log.db', 'shop.db', 'test-provider.db'])
    assert.equal(statSync(to).mode & 0o777, 0o700)
    for (const name of names) assert.equal(statSync(join(to, name)).mode & 0o777, 0o600, name)
    const { files } = readManifest(to)
    assert.deepEqual(files.map(({ path }) => path).sort(), names.slice(1))
    for (const { path, bytes } of files) assert.equal(bytes, statSync(join(to, path)).size, path)
  })

  it('is not made inside what it is of, nor where something lies', async (t) => {
    const { directory: from } = await openShop(t)
    const folder = temporaryDirectory(t)
    symlinkSync(from, join(folder, 'link'))
    for (const to of [from, join(from, 'backup'), join(folder, 'link', 'backup')])
      await assert.rejects(makeBackup({ from, to }), refusal(/lies in .* name a folder elsewhere/), to)
    await assert.rejects(makeBackup({ from, to: folder }), refusal(/holds something/))
    const away = join(folder, 'no', 'such')
    await assert.rejects(makeBackup({ from, to: away }), refusal(/cannot be used.*nothing was left/))
    assert.deepEqual(readdirSync(folder), ['link'])
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    await makeBackup({ from, to: empty })
    assert.ok(readManifest(empty).files.length > 0)
  })

  it('that is interrupted leaves nothing', async (t) => {
    const { directory: from } = await openShop(t)
    const folder = temporaryDirectory(t)
    const interruption = new AbortController()
    interruption.abort()
    const making = makeBackup({ from, to: join(folder, 'backup'), signal: interruption.signal })
    await assert.rejects(making, { name: 'AbortError' })
    assert.deepEqual(readdirSync(folder), [])
  })

  it('that finds no room says so and leaves nothing', { skip: whyNoDisk() ?? false }, async (t) => {
    const { directory } = await openShop(t)
    const disk = openSmallDisk(1)
    t.after(() => disk.remove())
    const to = join(disk.directory, 'backup')
    const other = join(disk.directory, 'other')
    // Too little for a database, for a page of it, and for a folder.
    for (const bytes of [600_000, 1_000_000, 1_048_576]) {
      writeFileSync(other, Buffer.alloc(bytes))
      const { status, output } = await command('backup', [to], { DATA_DIR: directory })
      assert.equal(status, 1, `${bytes} bytes were taken`)
      assert.match(output, /^There is no room for all of it at .*backup; nothing was left there\..*\n$/)
      assert.deepEqual(readdirSync(disk.directory), ['other'])
    }
  })

  it('is refused for a folder that is no shop, and for a shop on servers', async (t) => {
    const folder = temporaryDirectory(t)
    const to = join(folder, 'backup')
    const none = await command('backup', [to], { DATA_DIR: folder })
    assert.equal(none.status, 1)
    assert.match(none.output, /^There is no .*shop\.db: .* is not the folder of a shop\.\n$/)
    const MONGODB_URL = 'mongodb://localhost/shop'
    const served = await command('backup', [to], { DATA_DIR: folder, MONGODB_URL })
    assert.equal(served.status, 1)
    assert.match(served.output, /^MONGODB_URL is set: .*Back up its servers/)
    const asked = await command('backup', [], { DATA_DIR: folder })
    assert.equal(asked.status, 64)
    assert.match(asked.output, /npm run backup -- TO/)
    assert.deepEqual(readdirSync(folder), [])
  })
})

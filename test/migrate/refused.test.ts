import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { whyNot } from '../servers/possible.ts'
import { testEvent } from '../support/log.ts'
import { testDatabase, withDatabase } from '../support/mongo.ts'
import { startShop } from '../support/shop.ts'
import { migrate } from './command.ts'
import { type GrownShop, growShop } from './grown-shop.ts'
import { EMBEDDED, emptyPair, openShop } from './support.ts'

const skip = whyNot('mongodb') ?? whyNot('kafka') ?? false

let grown: GrownShop
before(async () => {
  if (!skip) grown = await growShop()
})
after(() => grown?.remove())

describe('A move that cannot be', { skip }, () => {
  const refused = async (given: { directory: string; mongodb_url: string }, because: RegExp) => {
    const { status, output } = await migrate(given)
    assert.equal(status, 1)
    assert.match(output, because)
  }

  it('is refused while a server uses the folder', async (t) => {
    const directory = grown.copyOfFolder()
    await openShop(t, { directory, config: EMBEDDED })
    await refused({ directory, mongodb_url: await testDatabase(t) }, /Another server uses the data folder/)
  })

  it('is refused for a folder without a shop, without its log, or of a newer version', async (t) => {
    const mongodb_url = await testDatabase(t)
    const directory = grown.copyOfFolder()
    await refused({ directory: join(directory, 'nothing'), mongodb_url }, /There is no shop in/)
    const db = new DatabaseSync(join(directory, 'shop.db'))
    const { user_version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
    db.exec(`PRAGMA user_version = ${user_version + 1}`)
    await refused({ directory, mongodb_url }, /written by a newer version/)
    db.exec(`PRAGMA user_version = ${user_version}`)
    db.close()
    rmSync(join(directory, 'log.db'))
    await refused({ directory, mongodb_url }, /log\.db is missing/)
  })

  it('is refused where nothing listens or the address is none, naming the option', async () => {
    const { directory } = grown
    await refused(
      { directory, mongodb_url: 'mongodb://127.0.0.1:1/x' },
      /does not answer .*or correct --to\./,
    )
    await refused({ directory, mongodb_url: 'mongodb://shop:p@ss@127.0.0.1:1/x' }, /^--to is not an address/)
  })

  it('is refused where a shop lives already, or a part of another one', async (t) => {
    const mongodb_url = await testDatabase(t)
    const { directory } = grown
    await withDatabase(mongodb_url, (db) => db.collection('users').insertOne({ version: 1 }))
    await refused({ directory, mongodb_url }, /is not empty \(users\)/)

    const other = await testDatabase(t)
    const folder = grown.copyOfFolder()
    assert.equal((await migrate({ directory: folder, mongodb_url: other, killAt: /^orders/ })).status, null)
    const db = new DatabaseSync(join(folder, 'shop.db'))
    db.exec('UPDATE carts SET version = version + 1 WHERE n = (SELECT min(n) FROM carts)')
    db.close()
    await refused({ directory: folder, mongodb_url: other }, /of this one in another state/)
  })

  it('is not let in where the copy differs, and the table says where', async (t) => {
    const { environment, mongodb_url, config } = await emptyPair(t)
    const moving = { directory: grown.directory, mongodb_url, environment }
    assert.equal((await migrate({ ...moving, killAt: /^Comparing/ })).status, null)
    await withDatabase(mongodb_url, async (db) => {
      await db.collection('orders').updateOne({ status: 'returned' }, { $inc: { total: 1 } })
      await db.collection('stock').updateOne({ sold: { $gt: 0 } }, { $inc: { sold: -1 } })
      await db.collection('sessions').insertOne({ version: 1 })
    })
    const { status, output } = await migrate(moving)
    assert.equal(status, 1)
    const different = output.split('\n').filter((line) => line.endsWith('DIFFERENT'))
    assert.deepEqual(
      different.map((line) => line.slice(0, line.search(/ {2}/))),
      ['orders', 'sessions', 'stock', 'stock: sold'],
    )
    assert.match(output, /drop the database/)
    const fewer = await migrate({ ...moving, options: ['--events', '7'] })
    assert.equal(fewer.status, 1)
    assert.match(fewer.output, /begun with the log .*the newest 100000 events.*--events as they were/)
    await assert.rejects(startShop({ config, directory: grown.copyOfFolder() }), /only a part of a shop/)
  })

  it('finds its place only in topics that are empty or hold its own events', async (t) => {
    const { environment, mongodb_url, log } = await emptyPair(t)
    await log.appendDeadLetters([testEvent({ key: 'somebody' })])
    const { status, output } = await migrate({ directory: grown.directory, mongodb_url, environment })
    assert.equal(status, 1)
    assert.match(output, /^Partition \d+ of ecommerce-dead-letters holds an event .*KAFKA_TOPIC_PREFIX/)
  })
})

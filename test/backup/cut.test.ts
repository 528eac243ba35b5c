import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { cutThrough } from '../../tools/backup/cut.ts'
import { temporaryDirectory } from '../support/storage.ts'

const CUTS = 1_000

/** Counts in one database after the other, round and round, mostly without a pause. */
const WRITER = `
const { DatabaseSync } = require('node:sqlite')
const { parentPort, workerData } = require('node:worker_threads')
const counts = workerData.map((path) => {
  const db = new DatabaseSync(path, { timeout: 5000 })
  db.exec('PRAGMA synchronous = OFF')
  return db.prepare('UPDATE counts SET n = n + 1')
})
parentPort.postMessage('writes')
for (;;) for (const count of counts) {
  count.run()
  if (Math.random() < 0.9) continue
  const until = performance.now() + Math.random()
  while (performance.now() < until);
}`

test('databases that others write to are read as all of them were at one moment', async (t) => {
  const directory = temporaryDirectory(t)
  const paths = ['log.db', 'ledger.db', 'shop.db'].map((name) => join(directory, name))
  for (const path of paths) {
    const db = new DatabaseSync(path)
    db.exec('PRAGMA journal_mode = WAL; CREATE TABLE counts (n INTEGER); INSERT INTO counts VALUES (0)')
    db.close()
  }
  const writer = new Worker(WRITER, { eval: true, workerData: paths })
  t.after(() => writer.terminate())
  await new Promise((resolve) => writer.once('message', resolve))

  const seen = new Set<number>()
  for (let number = 0; number < CUTS; number++) {
    const cut = await cutThrough(paths)
    const read = () => cut.databases.map((db) => Number(db.prepare('SELECT n FROM counts').get()?.n))
    const [first, second, third] = read() as [number, number, number]
    assert.deepEqual(read(), [first, second, third])
    cut.close()
    const order = [first, second, third, first - 1]
    assert.ok(
      order.every((count, index) => index === 0 || count <= order[index - 1]!),
      `no moment had ${first}, ${second}, ${third}`,
    )
    seen.add(third)
  }
  assert.ok(seen.size > 1, 'nothing was written meanwhile')
})

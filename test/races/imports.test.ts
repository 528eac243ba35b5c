import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { Type } from 'typebox'
import { rowReader } from '../../src/http/rows.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createJobs } from '../../src/shop/jobs/jobs.ts'
import type { ExportKind, ImportKind } from '../../src/shop/jobs/schema.ts'
import { JOB_PARTS, JOBS } from '../../src/shop/jobs/schema.ts'
import { testClock } from '../support/accounts.ts'
import { SILENT } from '../support/log.ts'
import { forgetPair, openPairStorage } from '../support/pair.ts'
import { temporaryDirectory } from '../support/storage.ts'
import { type Intercept, tapped } from '../support/tapped-storage.ts'
import { until } from '../support/until.ts'
import { lines } from '../support/uploads.ts'

const ROWS = 150
/** Longer than the lease of an upload. */
const LATER_MS = 15 * 60_000

const Row = Type.Object({ sku: Type.String() }, { additionalProperties: false })
const asCreated: ImportKind = {
  row: Row,
  keyOf: ({ sku }) => sku,
  keysOf: ({ sku }) => [sku],
  apply: async () => ({ result: 'created', id: 'prd_1' }),
}
const endless: ExportKind = {
  query: Type.Object({}),
  columns: [],
  async *pages() {
    for (;;) yield ['x'.repeat(10_000)]
  },
  tableOf: () => [],
}

/** The jobs of one shop on a storage, without anything that runs by itself. */
async function startJobs(t: TestContext) {
  const clock = testClock()
  const directory = temporaryDirectory(t)
  const real = await openPairStorage({ directory, collections: [JOBS, JOB_PARTS], clock })
  t.after(async () => {
    await real.close()
    await forgetPair(directory)
  })
  let intercept: Intercept = (_call, run) => run()
  const jobs = createJobs({
    ...{ clock, logger: SILENT, nodes: 'one', start_id: 'run_1' },
    storage: tapped(real, (call, run) => intercept(call, run)),
    imports: { products_import: asCreated, orders_import: asCreated },
    exports: { products_export: endless, orders_export: endless },
  })
  return {
    jobs,
    clock,
    documents: real.collection(JOBS),
    parts: real.collection(JOB_PARTS),
    tap(next: Intercept) {
      intercept = next
    },
    take: (source: Readable, operation_id: string = newId('op')) =>
      jobs.take({
        operation_id,
        ...{ source, kind: 'products_import', format: 'ndjson', dry_run: false, by: 'usr_1' },
        reader: rowReader(Row),
      }),
    export: () => jobs.export({ kind: 'products_export', format: 'ndjson', filter: {}, by: 'usr_1' }),
    all: (id: string) => jobs.get(id, { refused: false, after: undefined, limit: 1_000 }),
  }
}

type Page = { items: unknown[] }

const rows = (name: string) => lines(Array.from({ length: ROWS }, (_, at) => ({ sku: `${name}-${at}` })))

/** An upload of which one part has arrived. */
async function halfReceived(shop: Awaited<ReturnType<typeof startJobs>>, name: string) {
  const source = new Readable({ read() {} })
  const known = (await shop.parts.count({ index: 'created' })).value
  source.push(rows(name))
  const taken = shop.take(source)
  taken.catch(() => {})
  await until(async () => (await shop.parts.count({ index: 'created' })).value > known)
  return { taken, end: () => source.push(null) }
}

test('an upload that was received while another import ran for long is imported, and not taken for one that was broken off', async (t) => {
  const shop = await startJobs(t)
  const first = await shop.take(Readable.from([Buffer.from(rows('A'))]))
  const second = await halfReceived(shop, 'B')
  let slow = true
  shop.tap(async (call, run) => {
    if (slow && call.target === 'job_parts' && call.operation === 'replace') {
      slow = false
      second.end()
      await second.taken
      shop.clock.turn(LATER_MS)
    }
    return run()
  })
  await shop.jobs.runDue()
  await shop.jobs.runDue()
  for (const { id } of [first, await second.taken]) {
    const job = await shop.all(id)
    assert.deepEqual([job.state, job.rows_done, job.verdicts.length], ['done', ROWS, ROWS])
  }
})

test('a clock that is put back takes nothing from an upload that is received', async (t) => {
  const shop = await startJobs(t)
  const upload = await halfReceived(shop, 'A')
  shop.clock.turn(-LATER_MS)
  await shop.jobs.runDue()
  upload.end()
  const { id } = await upload.taken
  await shop.jobs.runDue()
  assert.equal((await shop.all(id)).rows_done, ROWS)
})

test('an upload that another process took away is to be sent again, and leaves nothing', async (t) => {
  const shop = await startJobs(t)
  const upload = await halfReceived(shop, 'A')
  const [job] = (await shop.documents.list({ index: 'open', limit: 10 })).items
  await shop.documents.remove(job!.id, job!.version)
  upload.end()
  await assert.rejects(upload.taken, { kind: 'unavailable', code: 'upload_lost' })
  assert.equal((await shop.parts.count({ index: 'created' })).value, 0)
})

test('how far a waiting import is can be asked without reading its rows', async (t) => {
  const shop = await startJobs(t)
  const { id } = await shop.take(Readable.from([Buffer.from(rows('A'))]))
  let read = 0
  shop.tap(async (call, run) => {
    const result = await run()
    if (call.target === 'job_parts' && call.operation === 'list') read += (result as Page).items.length
    return result
  })
  assert.deepEqual((await shop.all(id)).verdicts, [])
  assert.equal(read, 0)
})

test('an upload that is sent again under its key makes no second job', async (t) => {
  const shop = await startJobs(t)
  const key = newId('op')
  const source = () => Readable.from([Buffer.from(rows('A'))])
  const { id } = await shop.take(source(), key)
  await shop.jobs.runDue()
  const again = await shop.take(source(), key)
  assert.deepEqual([again.id, again.state], [id, 'done'])
  assert.equal((await shop.documents.count({ index: 'created' })).value, 1)
})

test('an import of which a part is gone has failed, and keeps nothing else waiting', async (t) => {
  const shop = await startJobs(t)
  const { id } = await shop.take(Readable.from([Buffer.from(rows('A'))]))
  const { items } = await shop.parts.list({ index: 'by_job', equal: [id], limit: 10 })
  await shop.parts.remove(items[1]!.id, items[1]!.version)
  await shop.jobs.runDue()
  const job = await shop.all(id)
  assert.deepEqual([job.state, job.rows_done], ['failed', 100])
  assert.deepEqual((await shop.documents.list({ index: 'open', limit: 10 })).items, [])
})

test('an export is told of and held for as long as its reader takes, and ended when nobody begins to read it', async (t) => {
  const shop = await startJobs(t)
  t.mock.timers.enable({ apis: ['setInterval'] })
  const slow = await shop.export()
  slow.stream.read()
  const began = (await shop.documents.get(slow.job_id))!.lease!.until
  shop.clock.turn(LATER_MS)
  t.mock.timers.tick(5_000)
  await until(async () => (await shop.documents.get(slow.job_id))!.lease!.until > began)
  slow.stream.destroy()
  await once(slow.stream, 'close')

  const { stream } = await shop.export()
  const closed = once(stream, 'close')
  t.mock.timers.tick(30_000)
  await closed
  const next = await shop.export()
  next.stream.destroy()
  await once(next.stream, 'close')
})

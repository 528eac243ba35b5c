import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import { click, everything, openTestLog, outboxEntry } from '../../../test/support/log.ts'
import { systemClock } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { StartRefused } from '../../kernel/start-refused.ts'
import { openEmbeddedLog, openEmbeddedLogForReading } from './embedded-log.ts'
import { LOG_FILE } from './log-file.ts'

const DAY_MS = 86_400_000

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-log-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

function refused(pattern: RegExp) {
  return (error: unknown) => error instanceof StartRefused && pattern.test(error.message)
}

function change(directory: string, sql: string): void {
  const db = new DatabaseSync(join(directory, LOG_FILE))
  db.exec(sql)
  db.close()
}

async function aLog(t: TestContext): Promise<string> {
  const directory = folder(t)
  const log = await openEmbeddedLog({ directory, clock: systemClock })
  await log.appendOutbox(
    Array.from({ length: 500 }, (_, n) =>
      outboxEntry(n + 1, { key: `k${n}`, data: { text: 'x'.repeat(300) } }),
    ),
  )
  await log.close()
  return directory
}

const history = (given: number, acknowledged: number) => ({ history: async () => ({ given, acknowledged }) })

describe('the file of the log', () => {
  it('is readable by its owner only, whatever its mode was', async (t) => {
    const { log, directory, reopen } = await openTestLog(t)
    await log.check()
    for (const name of readdirSync(directory))
      assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name)
    chmodSync(join(directory, LOG_FILE), 0o644)
    await reopen()
    assert.equal(statSync(join(directory, LOG_FILE)).mode & 0o777, 0o600)
  })

  it('is not opened when it is no database, or one of another program, and stays as it is', async (t) => {
    const directory = folder(t)
    writeFileSync(
      join(directory, LOG_FILE),
      'shopping list: milk, bread and a good deal more than a page holds '.repeat(300),
    )
    await assert.rejects(
      openEmbeddedLog({ directory, clock: systemClock }),
      refused(/not a database.*backup/),
    )
    const other = folder(t)
    change(other, 'CREATE TABLE recipes (id INTEGER PRIMARY KEY)')
    await assert.rejects(
      openEmbeddedLog({ directory: other, clock: systemClock }),
      refused(/another program/),
    )
    assert.deepEqual(readdirSync(other), [LOG_FILE])
  })

  it('is not opened when a newer version wrote it', async (t) => {
    const directory = await aLog(t)
    change(directory, 'PRAGMA user_version = 99')
    await assert.rejects(openEmbeddedLog({ directory, clock: systemClock }), refused(/newer Tradewind/))
  })

  it('is not opened when it is cut off or has lost rows', async (t) => {
    const cut = await aLog(t)
    truncateSync(join(cut, LOG_FILE), 5 * 8_192)
    await assert.rejects(openEmbeddedLog({ directory: cut, clock: systemClock }), refused(/damaged.*backup/))
    const lost = await aLog(t)
    change(lost, 'DELETE FROM batches WHERE id = (SELECT max(id) FROM batches)')
    await assert.rejects(
      openEmbeddedLog({ directory: lost, clock: systemClock }),
      refused(/damaged.*new-log/),
    )
  })

  it('may not be missing, older or of another storage once events were handed over', async (t) => {
    const empty = folder(t)
    await assert.rejects(
      openEmbeddedLog({ directory: empty, clock: systemClock, outbox: history(7, 5) }),
      refused(/missing.*new-log/),
    )
    assert.deepEqual(readdirSync(empty), [])
    const fresh = await openEmbeddedLog({ directory: folder(t), clock: systemClock, outbox: history(7, 0) })
    await fresh.close()
    const directory = await aLog(t)
    await assert.rejects(
      openEmbeddedLog({ directory, clock: systemClock, outbox: history(9, 9) }),
      refused(/does not belong/),
    )
    await assert.rejects(
      openEmbeddedLog({ directory, clock: systemClock, outbox: history(600, 501) }),
      refused(/ends at event 500/),
    )
    const log = await openEmbeddedLog({ directory, clock: systemClock, outbox: history(600, 499) })
    await log.close()
  })

  it('is read by tools beside a server that writes', async (t) => {
    const { log, directory } = await openTestLog(t)
    await log.appendOutbox([outboxEntry(1, { key: 'a' })])
    const reading = openEmbeddedLogForReading({ directory })
    assert.equal((await everything(reading, ['ecommerce-orders'])).length, 1)
    await log.appendOutbox([outboxEntry(2, { key: 'a', sequence: 2 })])
    assert.equal((await everything(reading, ['ecommerce-orders'])).length, 2)
    assert.equal(await reading.outboxPosition(), 2)
    await reading.close()
  })

  it('refuses events while it is full, keeps what it has and goes on when there is room', async (t) => {
    let now = Date.now()
    const { log, reopen } = await openTestLog(t, { clock: { now: () => now }, max_pages: 120 })
    const big = { text: 'x'.repeat(20_000) }
    let taken = 0
    const fill = async () => {
      for (;;) {
        await log.appendClickstream([click('v', `id ${taken}`, now, big)])
        taken += 1
      }
    }
    await assert.rejects(
      fill(),
      (error) => isRefusal(error, 'log_unavailable') && error.kind === 'unavailable',
    )
    assert.ok(taken > 5)
    // Two requests in one transaction: the small one fails with the large one, and both are told so.
    const both = await Promise.allSettled([
      log.appendClickstream([click('v', 'small', now)]),
      log.appendClickstream([click('v', 'large', now, { text: 'x'.repeat(400_000) })]),
    ])
    assert.ok(both.every(({ status }) => status === 'rejected'))
    assert.equal((await everything(log, ['ecommerce-clickstream'])).length, taken)
    now += 31 * DAY_MS
    await log.trim()
    assert.deepEqual(await log.appendClickstream([click('v', 'small', now)]), ['accepted'])
    const again = await reopen()
    assert.deepEqual(
      (await everything(again, ['ecommerce-clickstream'])).map(({ offset }) => offset),
      [taken],
    )
  })
})

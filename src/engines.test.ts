import assert from 'node:assert/strict'
import { test } from 'node:test'
import { click, everything, SILENT } from '../test/support/log.ts'
import { temporaryDirectory } from '../test/support/storage.ts'
import { readConfig } from './config.ts'
import { openEngines } from './engines.ts'
import { newId } from './kernel/ids.ts'
import type { EmbeddedLog } from './stream/embedded/embedded-log.ts'

const DAY_MS = 86_400_000

test('an embedded log holds the clickstream for as long as its index names it', async (t) => {
  for (const [EVENTS_RETENTION, left] of [
    ['7d', 0],
    ['90d', 1],
  ] as const) {
    let now = Date.now()
    const clock = { now: () => now }
    const config = readConfig({ DATA_DIR: temporaryDirectory(t), EVENTS_RETENTION })
    const engines = await openEngines({ config, clock, logger: SILENT, node_id: newId('run') })
    const log = engines.log as EmbeddedLog
    await log.appendClickstream([click('visitor', 'once', now)])
    now += 40 * DAY_MS
    await log.trim()
    assert.equal((await everything(log, ['ecommerce-clickstream'])).length, left, EVENTS_RETENTION)
    await engines.close()
  }
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bodyOf, openStream, SUMS } from '../../../test/support/consumers.ts'
import { openTestLog, outboxEntry } from '../../../test/support/log.ts'
import { startOfNewLog } from './new-log.ts'

describe('a new log in the place of a lost one', () => {
  it('goes on behind what was counted, so that nothing counts twice and nothing new is passed over', async (t) => {
    const lost = await openStream(t)
    const consumers = await lost.start([SUMS])
    await lost.tell(
      Array.from({ length: 90 }, (_, n) => ({ key: `k${n % 9}`, sequence: 1 + Math.floor(n / 9) })),
    )
    await consumers.caughtUp()
    await consumers.stop()
    const { rollUps } = lost.storage
    const outbox = { history: async () => ({ given: 95, acknowledged: 90 }) }
    const start = await startOfNewLog({ outbox, rollUps }, ['sums'])
    const { log, reopen } = await openTestLog(t, { start })
    assert.equal(await log.outboxPosition(), 90)
    await log.appendOutbox(
      [90, 91, 92].map((position) => outboxEntry(position, { key: 'k1', sequence: position })),
    )
    const again = await lost.start([SUMS], { log })
    await again.caughtUp()
    assert.equal(((await bodyOf(rollUps, 'sums', 'all')) as { count: number }).count, 92)
    await again.stop()
    assert.equal(await (await reopen()).outboxPosition(), 92)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startKafkaServer } from '../servers/kafka.ts'
import { whyNotOwn } from '../support/kafka.ts'
import { startLoad } from '../support/kafka-load.ts'
import { faultOf, openKafkaWorld, report } from '../support/kafka-world.ts'
import { openSmallDisk, whyNoDisk } from '../support/small-disk.ts'
import { until } from '../support/until.ts'

const SIZE_MB = 64
const PER_SECOND = 300
const LOAD_MS = 1_500

describe('a broker whose disk is full', { skip: whyNotOwn() ?? whyNoDisk() ?? false }, () => {
  it('refuses what lies there; the shop goes on and all of it is in the log when there is room again', async (t) => {
    const disk = openSmallDisk(SIZE_MB)
    t.after(() => disk.remove())
    const kafka = await startKafkaServer({ second_disk: disk.directory })
    t.after(() => kafka.remove())
    const world = await openKafkaWorld(t, { brokers: [kafka.bootstrap] })
    const load = startLoad(t, { log: world.log, outbox: world.memory.outbox, per_second: PER_SECOND })
    await until(() => load.acknowledged.length > PER_SECOND)
    disk.fill()
    const full = /cannot write to its disk|no broker in charge of some partitions/
    await until(async () => full.test((await faultOf(world)) ?? ''))
    await until(async () => (await world.relay.health()).waiting > 10 * PER_SECOND)
    const acknowledged = load.acknowledged.length
    await until(() => load.acknowledged.length > acknowledged + PER_SECOND)
    assert.equal(load.door.refused, 0)
    disk.empty()
    await kafka.kill()
    await kafka.start()
    await sleep(LOAD_MS)
    await load.stop()
    report(t, await world.check(kafka.bootstrap, load.acknowledged))
    assert.equal(load.door.refused, 0)
    await until(async () => (await faultOf(world)) === undefined)
  })
})

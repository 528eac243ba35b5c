import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bodyOf, openStream, SUMS } from '../../test/support/consumers.ts'
import { everything } from '../../test/support/log.ts'
import { openNodes } from '../../test/support/several-nodes.ts'
import { until } from '../../test/support/until.ts'
import type { RollUps } from '../storage/roll-ups.ts'
import { compareRollUp } from './compare.ts'
import type { Consumers } from './consumers.ts'
import type { AppendReaction, RollUpReaction } from './reaction.ts'

const BAD = { group: 'sums', topic: 'ecommerce-orders', subject: 'orders/bad' } as const
const isParked = (consumers: Consumers) => consumers.parked().length > 0
const settled = (consumers: Consumers) => until(() => !isParked(consumers))

/** Sums that cannot take poison until somebody mends them. */
function mendable() {
  let mended = false
  const reaction: RollUpReaction<{ count: number; sum: number }> = {
    ...SUMS,
    apply(body, id, event) {
      const data = event.data as { poison?: boolean }
      SUMS.apply(body, id, mended ? { ...event, data: { ...data, poison: false } } : event)
    },
  }
  return {
    reaction,
    mend() {
      mended = true
    },
  }
}

const poisoned = [
  { key: 'bad', sequence: 1 },
  { key: 'bad', sequence: 2, data: { poison: true } },
  { key: 'good', sequence: 1 },
  { key: 'bad', sequence: 3, data: { amount: 10 } },
]

describe('a parked subject that somebody asks for', () => {
  it('is read on from where it was parked, and counts once whatever was counted meanwhile', async (t) => {
    const { tell, start, storage, log } = await openStream(t)
    const { reaction, mend } = mendable()
    await tell(poisoned)
    const consumers = await start([reaction])
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 2, sum: 2 })
    mend()
    assert.equal(await consumers.readOn(BAD), true)
    await settled(consumers)
    await tell([{ key: 'bad', sequence: 4 }])
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 5, sum: 14 })
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'bad'), { count: 4, sum: 13 })
    const { differences } = await compareRollUp({ reaction, log, rollUps: storage.rollUps })
    assert.deepEqual(differences, [])
    assert.equal(await consumers.readOn(BAD), false)
  })

  it('stays parked when it still cannot be taken, with one letter', async (t) => {
    const { tell, start, storage, log } = await openStream(t)
    await tell(poisoned)
    const consumers = await start([SUMS])
    await consumers.caughtUp()
    await consumers.readOn(BAD)
    await until(() => consumers.parked().every(({ asked }) => asked === undefined))
    assert.ok(isParked(consumers))
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'bad'), { count: 1, sum: 1 })
    assert.equal((await everything(log, ['ecommerce-dead-letters'])).length, 1)
  })

  it('counts once after a crash between the results and the note', async (t) => {
    const { tell, start, storage } = await openStream(t)
    const { reaction, mend } = mendable()
    await tell(poisoned)
    let broken = false
    const shaky: RollUps = {
      ...storage.rollUps,
      async write(name, documents, positions) {
        const resumed = documents.some(({ body }) => (body as { resumed?: number }).resumed !== undefined)
        if (name === 'parked' && resumed && !broken) {
          broken = true
          throw new Error('died before the note')
        }
        return storage.rollUps.write(name, documents, positions)
      },
    }
    const first = await start([reaction], { rollUps: shaky })
    await first.caughtUp()
    mend()
    await first.readOn(BAD)
    await until(() => broken)
    await first.stop()
    const second = await start([reaction])
    await settled(second)
    await second.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 4, sum: 13 })
  })

  it('is counted by a rebuild as by everybody else, also when it was read on before', async (t) => {
    const { tell, start, storage } = await openStream(t)
    const { reaction, mend } = mendable()
    await tell(poisoned)
    const consumers = await start([reaction])
    await consumers.caughtUp()
    mend()
    await consumers.readOn(BAD)
    await settled(consumers)
    await consumers.stop()
    const { forgetParked } = await import('./parking.ts')
    await storage.rollUps.drop('sums')
    await forgetParked(storage.rollUps, 'sums')
    const again = await start([reaction])
    await again.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 4, sum: 13 })
  })

  it('is handed to a reaction whose work may be repeated', async (t) => {
    const { tell, start } = await openStream(t)
    let mended = false
    const taken: number[] = []
    const reaction: AppendReaction = {
      kind: 'append',
      name: 'sums',
      topics: ['ecommerce-orders'],
      async handle(events) {
        if (!mended && events.some(({ data }) => (data as { poison?: boolean }).poison)) throw new Error('no')
        taken.push(...events.filter(({ subject }) => subject === BAD.subject).map((one) => one.sequence))
      },
    }
    await tell(poisoned)
    const consumers = await start([reaction])
    await consumers.caughtUp()
    mended = true
    await consumers.readOn(BAD)
    await settled(consumers)
    assert.deepEqual([...new Set(taken)], [1, 2, 3])
  })

  it('is read on by whichever node reads its partition, after gaps and repeats, while others count', async (t) => {
    const { storage, tell, start } = await openNodes(t, { seed: 7 })
    const { reaction, mend } = mendable()
    const nodes = [await start([reaction]), await start([reaction])]
    await tell([...poisoned, ...poisoned])
    for (const { consumers } of nodes) await consumers.caughtUp()
    await until(() => nodes.some(({ consumers }) => isParked(consumers)))
    mend()
    const parker = nodes.find(({ consumers }) => isParked(consumers))!
    assert.equal(await parker.consumers.readOn(BAD), true)
    await tell([{ key: 'good', sequence: 2 }])
    await until(async () => (await parker.consumers.health()).parked === 0)
    await tell([{ key: 'bad', sequence: 4 }])
    for (const { consumers } of nodes) await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 6, sum: 15 })
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'bad'), { count: 4, sum: 13 })
  })
})

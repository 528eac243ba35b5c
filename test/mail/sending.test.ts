import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { tapped } from '../support/tapped-storage.ts'
import { openMails, USER_ID } from './world.ts'

const MINUTE = 60_000
const WELCOME = `welcome:${USER_ID}`
const MESSAGE_ID = `<welcome.${USER_ID}@tests.example>`

test('an event that is read again, on whichever node, mails nobody twice', async (t) => {
  const { node, registered } = await openMails(t)
  const [one, other] = [node(), node()]
  const event = registered(USER_ID)
  await one.hear([event, event])
  await other.hear([event])
  await Promise.all([one.deliverDue(), other.deliverDue()])
  await one.hear([event])
  await one.deliverDue()
  assert.deepEqual([...one.ids(), ...other.ids()], [MESSAGE_ID])
})

test('what is old, and the first administrator, is mailed to nobody', async (t) => {
  const { clock, node, registered } = await openMails(t)
  const time = new Date(clock.now() - 4 * 86_400_000).toISOString()
  const shop = node()
  await shop.hear([registered(USER_ID, { time }), registered(newId('usr'), { actor: 'system' })])
  await shop.deliverDue()
  assert.deepEqual(shop.ids(), [])
})

test('of a handover whose outcome was lost the same Message-ID comes again, and then no more', async (t) => {
  const { clock, storage, node, registered, stored } = await openMails(t)
  let writes = 0
  const dying = node({
    storage: tapped(storage, async (call, run) => {
      if (call.operation === 'replace' && ++writes === 2) throw new Error('killed')
      return run()
    }),
  })
  await dying.hear([registered(USER_ID)])
  await assert.rejects(dying.deliverDue(), /killed/)
  assert.deepEqual(dying.ids(), [MESSAGE_ID])
  const next = node()
  await next.deliverDue()
  assert.deepEqual(next.ids(), [], 'as long as the first may still be at it')
  clock.turn(3 * MINUTE)
  await next.deliverDue()
  await next.deliverDue()
  assert.deepEqual(next.ids(), [MESSAGE_ID])
  assert.equal((await stored.get(WELCOME))!.outcome, 'sent')
})

test('several nodes that send at once send each mail once', async (t) => {
  const { node, registered } = await openMails(t)
  const nodes = [node(), node(), node()]
  const people = Array.from({ length: 20 }, () => newId('usr'))
  await nodes[0]!.hear(people.map((id) => registered(id)))
  await Promise.all(nodes.map(({ deliverDue }) => deliverDue()))
  const sent = nodes.flatMap(({ ids }) => ids()).sort()
  assert.deepEqual(sent, people.map((id) => `<welcome.${id}@tests.example>`).sort())
})

test('a mail that is put off is tried later each time, at last no more, and staff are told', async (t) => {
  const { clock, node, registered, stored } = await openMails(t)
  const shop = node()
  shop.mailer.answer({ state: 'later', reason: '450 busy' })
  await shop.hear([registered(USER_ID)])
  const waits: number[] = []
  for (let tries = 0; tries < 1_000 && (await shop.waiting()) === 1; tries++) {
    await shop.deliverDue()
    const { due_at } = (await stored.get(WELCOME))!
    if (due_at === undefined) break
    waits.push(Math.round((due_at - clock.now()) / 1_000))
    clock.turn(due_at - clock.now() + 1)
  }
  assert.deepEqual(waits.slice(0, 7), [30, 60, 120, 240, 480, 900, 900])
  assert.equal(waits.length, 299)
  const [failed] = await shop.failed(10)
  assert.deepEqual([failed!.id, failed!.outcome, failed!.reason], [WELCOME, 'given_up', '450 busy'])
})

test('a mail whose words fail each time holds up no other, and is given up like one that is put off', async (t) => {
  const { clock, node, registered, stored } = await openMails(t)
  const other = newId('usr')
  const shop = node({
    account: (id) => {
      if (id === USER_ID) throw new Error('no words')
      return {}
    },
  })
  await shop.hear([registered(USER_ID), registered(other)])
  await shop.deliverDue()
  assert.deepEqual(shop.ids(), [`<welcome.${other}@tests.example>`])
  for (let tries = 1; tries < 300; tries++) {
    const { due_at } = (await stored.get(WELCOME))!
    assert.ok(due_at, `given up after ${tries}`)
    clock.turn(due_at - clock.now() + 1)
    await shop.deliverDue()
  }
  const [failed] = await shop.failed(10)
  assert.deepEqual([failed?.outcome, failed?.reason], ['given_up', 'it could not be put into words'])
})

test('a mail that is refused for good is not tried again', async (t) => {
  const { clock, node, registered } = await openMails(t)
  const shop = node()
  shop.mailer.answer({ state: 'refused', reason: '550 no such mailbox' })
  await shop.hear([registered(USER_ID)])
  await shop.deliverDue()
  assert.equal((await shop.failed(10))[0]!.outcome, 'refused')
  shop.mailer.answer({ state: 'taken' })
  clock.turn(24 * 60 * MINUTE)
  await shop.deliverDue()
  assert.deepEqual(shop.ids(), [])
})

test('while nobody takes mails a handful is tried now and then, and afterwards each arrives once', async (t) => {
  const { clock, storage, node, registered } = await openMails(t)
  let read = 0
  const shop = node({
    storage: tapped(storage, async (call, run) => {
      const result = await run()
      if (call.operation === 'list') read = Math.max(read, (result as { items: unknown[] }).items.length)
      return result
    }),
  })
  const people = Array.from({ length: 30 }, () => newId('usr'))
  await shop.hear(people.map((id) => registered(id)))
  let handed = 0
  shop.mailer.send = async () => {
    handed++
    return { state: 'away', reason: 'connect ECONNREFUSED' }
  }
  for (let minute = 0; minute < 60; minute++) {
    await shop.deliverDue()
    await shop.deliverDue()
    clock.turn(MINUTE)
  }
  assert.ok(handed >= 60 && handed <= 60 * 5, `${handed} handovers were tried`)
  assert.ok(read <= 5, `${read} mails were read at once`)
  await assert.rejects(shop.check(), /mails wait since .*: connect ECONNREFUSED/)
  const back = node()
  await back.deliverDue()
  clock.turn(MINUTE)
  await back.deliverDue()
  assert.deepEqual(back.ids().sort(), people.map((id) => `<welcome.${id}@tests.example>`).sort())
  assert.equal(await back.waiting(), 0)
})

test('a clock that is put back keeps no mail waiting for the time that was', async (t) => {
  const { clock, node, registered } = await openMails(t)
  clock.turn(24 * 60 * MINUTE)
  const shop = node()
  shop.mailer.answer({ state: 'away', reason: 'down' })
  await shop.hear([registered(USER_ID)])
  await shop.deliverDue()
  shop.mailer.answer({ state: 'taken' })
  clock.turn(-24 * 60 * MINUTE)
  await shop.deliverDue()
  assert.deepEqual(shop.ids(), [MESSAGE_ID])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OutgoingMail } from '../../src/mail/mailer.ts'
import type { TestMailer } from '../support/mailer.ts'
import { until } from '../support/until.ts'
import { openMails, order } from './world.ts'

const MINUTE = 60_000

/** Mails of this kind are handed over when `go` is called, and no sooner; `asked` resolves when one is there. */
function holdBack(mailer: TestMailer, kind: string) {
  const asked = Promise.withResolvers<void>()
  const { promise: gone, resolve: go } = Promise.withResolvers<void>()
  const { send } = mailer
  mailer.send = async (mail: OutgoingMail, signal) => {
    if (mail.message_id.startsWith(`<${kind}`)) {
      asked.resolve()
      await gone
    }
    return send(mail, signal)
  }
  return { asked: asked.promise, go }
}

test('an order that was cancelled before its mails went out is told as cancelled, and as nothing else', async (t) => {
  const { clock, node, moved, stored } = await openMails(t)
  const shop = node()
  const lamp = order()
  shop.mailer.answer({ state: 'away', reason: 'down' })
  await shop.hear([moved(lamp, 'confirmed'), moved(lamp, 'shipped')])
  await shop.deliverDue()
  clock.turn(MINUTE)
  await shop.hear([moved(lamp, 'cancelled')])
  shop.mailer.answer({ state: 'taken' })
  clock.turn(MINUTE)
  await shop.deliverDue()
  assert.deepEqual(
    shop.mailer.taken.map(({ subject }) => subject),
    ['Order TW-1 is cancelled'],
  )
  for (const kind of ['order_confirmed', 'order_shipped'])
    assert.equal((await stored.get(`${kind}:${lamp.id}`))!.outcome, 'void')
  assert.deepEqual(await shop.failed(1), [], 'nobody needs to look at that')
})

test('mails of one order that are due at once go one after the other, and no other order waits for them', async (t) => {
  const { node, moved } = await openMails(t)
  const shop = node()
  const [lamp, other] = [order(), order()]
  const { asked, go } = holdBack(shop.mailer, `order_confirmed.${lamp.id}`)
  await shop.hear([moved(lamp, 'confirmed'), moved(lamp, 'shipped'), moved(other, 'confirmed')])
  const delivered = shop.deliverDue()
  await asked
  await until(() => shop.ids().length === 1)
  go()
  await delivered
  const [first, ...rest] = shop.ids()
  assert.equal(first, `<order_confirmed.${other.id}@tests.example>`)
  assert.deepEqual(rest, [
    `<order_confirmed.${lamp.id}@tests.example>`,
    `<order_shipped.${lamp.id}@tests.example>`,
  ])
})

test('while one node hands a mail of an order over, the next of that order waits on all', async (t) => {
  const { clock, node, moved } = await openMails(t)
  const [one, other] = [node(), node()]
  const lamp = order()
  const { asked, go } = holdBack(one.mailer, 'order_confirmed')
  await one.hear([moved(lamp, 'confirmed')])
  const delivered = one.deliverDue()
  await asked
  await other.hear([moved(lamp, 'cancelled')])
  await other.deliverDue()
  assert.deepEqual(other.ids(), [])
  go()
  await delivered
  assert.deepEqual(one.ids(), [`<order_confirmed.${lamp.id}@tests.example>`])
  clock.turn(MINUTE / 2 + 1_000)
  await other.deliverDue()
  assert.deepEqual(other.ids(), [`<order_cancelled.${lamp.id}@tests.example>`])
})

test('a mail that was put off keeps its place, and the next goes as soon as it is over', async (t) => {
  const { clock, node, moved } = await openMails(t)
  const shop = node()
  const lamp = order()
  shop.mailer.answer({ state: 'later', reason: '450 busy' })
  await shop.hear([moved(lamp, 'confirmed')])
  await shop.deliverDue()
  await shop.hear([moved(lamp, 'shipped')])
  shop.mailer.answer({ state: 'taken' })
  await shop.deliverDue()
  assert.deepEqual(shop.ids(), [])
  clock.turn(MINUTE)
  await shop.deliverDue()
  assert.deepEqual(shop.ids(), [
    `<order_confirmed.${lamp.id}@tests.example>`,
    `<order_shipped.${lamp.id}@tests.example>`,
  ])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { crowd } from '../support/pair.ts'
import { openMails, USER_ID } from './world.ts'

const DAY = 86_400_000
const RESET = {
  kind: 'password_reset',
  address: 'ada@tests.example',
  user_id: USER_ID,
  stamp: '1.0',
} as const

test('API4-21 an address gets three mails of a kind in an hour, however many ask at once', async (t) => {
  const { clock, node, stored } = await openMails(t)
  const shop = node()
  const ask = (more: object = {}) => shop.ask([{ ...RESET, ...more }])
  await Promise.all(Array.from({ length: crowd(20) }, () => ask()))
  await shop.deliverDue()
  assert.equal(shop.ids().length, 3)
  await ask({ address: 'bob@tests.example' })
  await ask({ kind: 'email_verification' })
  clock.turn(59 * 60_000)
  await ask()
  assert.equal((await stored.count({ index: 'made' })).value, 5)
  clock.turn(2 * 60_000)
  await ask()
  await shop.deliverDue()
  assert.equal(shop.ids().length, 6)
})

test('a link for what the account was is not sent, nor anything to an address without an account', async (t) => {
  const { node, stored } = await openMails(t)
  const shop = node()
  const { user_id: _, stamp: __, ...nobody } = RESET
  await shop.ask([nobody])
  await shop.ask([{ ...RESET, stamp: '0.0' }])
  await shop.deliverDue()
  assert.deepEqual(shop.ids(), [])
  const { items } = await stored.list({ index: 'made', limit: 10 })
  assert.deepEqual(
    items.map(({ outcome }) => outcome),
    ['void', 'void'],
  )
  assert.ok(!JSON.stringify(items).includes(RESET.address), 'nobody is remembered for being asked for')
})

test('a person is told of each mail, and forgotten as often as one likes', async (t) => {
  const { clock, node, registered, stored } = await openMails(t)
  const shop = node()
  const other = newId('usr')
  const discarded: object[] = []
  shop.mailer.discard = async (of) => void discarded.push(of)
  await shop.hear([registered(USER_ID), registered(other)])
  await shop.ask([{ kind: 'email_change', address: 'new@x.org', user_id: USER_ID, to: 'new@x.org' }])
  await shop.deliverDue()
  const known = await shop.known(USER_ID)
  assert.deepEqual(
    known.map(({ kind, to, order_id }) => [kind, to, order_id]),
    [
      ['welcome', null, null],
      ['email_change', 'new@x.org', null],
    ],
  )
  assert.ok(known.every(({ sent_at, created_at }) => sent_at !== null && created_at <= sent_at))
  await shop.forget(USER_ID)
  await shop.forget(USER_ID)
  assert.deepEqual(await shop.known(USER_ID), [])
  assert.deepEqual(discarded.at(-1), { owner: USER_ID })
  assert.equal((await shop.known(other)).length, 1)
  clock.turn(31 * DAY)
  await shop.sweep()
  assert.equal((await stored.count({ index: 'made' })).value, 0)
})

test('who is forgotten while a mail goes out leaves nothing behind', async (t) => {
  const { node, registered, stored } = await openMails(t)
  const shop = node()
  const discarded: object[] = []
  shop.mailer.send = async () => {
    await shop.forget(USER_ID)
    shop.mailer.discard = async (of) => void discarded.push(of)
    return { state: 'taken' }
  }
  await shop.hear([registered(USER_ID)])
  await shop.deliverDue()
  assert.equal(await stored.get(`welcome:${USER_ID}`), undefined)
  assert.deepEqual(discarded, [{ owner: USER_ID, message_id: `<welcome.${USER_ID}@tests.example>` }])
})

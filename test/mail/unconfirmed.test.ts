import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Address } from '../../src/shop/orders/address-schema.ts'
import { openMails, order, USER_ID } from './world.ts'

const MINUTE = 60_000
const CONFIRMED = { email_verified_at: '2026-01-01T00:00:00.000Z' }
/** Every line of it is somebody's own words. */
const EVIL: Address = {
  name: 'Your account is locked, unlock it at https://evil.example/login',
  line1: 'or at www.evil.example',
  line2: 'or write to help@evil.example',
  city: 'evil.example',
  region: 'evil.example',
  postal_code: 'evil.example',
  country: 'GB',
}

test('an address that nobody has confirmed gets six mails that nobody asked for in an hour', async (t) => {
  const { clock, node, moved, registered, stored } = await openMails(t)
  const shop = node()
  const orders = Array.from({ length: 8 }, () => order())
  await shop.hear([registered(USER_ID), ...orders.map((one) => moved(one, 'confirmed'))])
  await shop.deliverDue()
  assert.equal(shop.ids().length, 6)
  assert.equal(await shop.waiting(), 0, 'none of them comes later')
  const { items } = await stored.list({ index: 'made', limit: 20 })
  const unsent = items.filter(({ outcome }) => outcome !== 'sent')
  assert.equal(unsent.length, 3)
  for (const { outcome, reason } of unsent)
    assert.deepEqual([outcome, /share of this hour/.test(reason!)], ['void', true])
  assert.deepEqual(await shop.failed(10), [], 'staff have nothing to do about it')
  clock.turn(61 * MINUTE)
  await shop.hear([moved(order(), 'confirmed')])
  await shop.deliverDue()
  assert.equal(shop.ids().length, 7)
})

test('whoever has confirmed the address is told of every order', async (t) => {
  const { node, moved } = await openMails(t)
  const shop = node({ account: () => CONFIRMED })
  await shop.hear(Array.from({ length: 10 }, () => moved(order(), 'confirmed')))
  await shop.deliverDue()
  assert.equal(shop.ids().length, 10)
})

test('a mail is counted once, however often it is tried', async (t) => {
  const { clock, node, moved } = await openMails(t)
  const shop = node()
  const orders = Array.from({ length: 5 }, () => order())
  await shop.hear(orders.map((one) => moved(one, 'confirmed')))
  for (const state of ['away', 'later', 'away', 'later'] as const) {
    shop.mailer.answer({ state, reason: 'not now' })
    await shop.deliverDue()
    clock.turn(2 * MINUTE)
  }
  shop.mailer.answer({ state: 'taken' })
  await shop.deliverDue()
  assert.equal(shop.ids().length, 5)
})

test('no word of a stranger is mailed to an address that nobody has confirmed', async (t) => {
  const { node, moved } = await openMails(t)
  const shop = node()
  const lamp = order({ shipping_address: EVIL })
  await shop.hear([moved(lamp, 'confirmed'), moved(lamp, 'shipped')])
  await shop.deliverDue()
  assert.equal(shop.mailer.taken.length, 2)
  for (const { subject, text, html } of shop.mailer.taken) {
    assert.ok(!/evil|locked/i.test(subject + text + html), text)
    assert.match(text, /TW-1/)
    assert.match(text, /1 × Lamp: USD 20\.00/)
  }
  assert.match(shop.mailer.taken[0]!.text, /Total: USD 20\.00/)
})

test('an address that is shown in full holds nothing that mail programs make a link of', async (t) => {
  const { node, moved } = await openMails(t)
  const shop = node({ account: () => CONFIRMED })
  await shop.hear([moved(order({ shipping_address: EVIL }), 'confirmed')])
  await shop.deliverDue()
  const { text, html } = shop.mailer.taken[0]!
  assert.match(text, /unlock it at https: \/\/evil\. example\/login, or at www\. evil\. example/)
  assert.match(text, /help@ evil\. example/)
  for (const body of [text, html]) assert.ok(!/evil\.example|https:\/\/evil/.test(body))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenIn } from '../support/mailer.ts'
import { mailShop } from './mail-world.ts'

const world = mailShop({ VERIFIED_EMAIL_FOR_ORDERS: 'on', ORDER_MAILS: 'off' })

test('where the shop wants it, who orders has confirmed the e-mail; the same key is good afterwards', async () => {
  const ann = await world.shop().registerCustomer()
  const order = {
    shipping_address: { name: 'A', line1: 'B', city: 'C', postal_code: 'D', country: 'GB' },
    payment_method: 'cash_on_delivery',
    items: [{ product_id: await world.product(), quantity: 1 }],
  }
  const key = { 'idempotency-key': 'first' }
  const early = await ann.post('/orders', order, key)
  assert.deepEqual([early.status, early.body.code], [403, 'email_not_verified'])
  const token = tokenIn(await world.mailed(ann.email, 'welcome'))
  assert.equal((await ann.post('/auth/verify-email', { token })).status, 200)
  assert.equal((await ann.post('/orders', order, key)).status, 201)
})

test('where the shop wants none, no mail is about an order', async () => {
  const ann = await world.shop().registerCustomer()
  const token = tokenIn(await world.mailed(ann.email, 'welcome'))
  await ann.post('/auth/verify-email', { token })
  await world.ordered(ann, { items: [{ product_id: await world.product(), quantity: 1 }] })
  await world.shop().caughtUp()
  await world.shop().asGuest().post('/auth/forgot-password', { email: ann.email })
  await world.mailed(ann.email, 'password_reset')
  assert.deepEqual(
    world.to(ann.email).map(({ kind }) => kind),
    ['welcome', 'password_reset'],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TOPICS } from '../../src/kernel/event.ts'
import type { Client } from '../support/http-client.ts'
import { everything } from '../support/log.ts'
import { bytesOf } from '../support/pair.ts'
import type { SignedInClient } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { type ErasingWorld, openErasingWorld, usd } from './erasing-world.ts'

/** Words that nothing else in a shop holds, by the place where the shop is told them. */
const PLANTED = {
  ...{ email: 'Quintessa.Vandermolen@planted.example', name: 'Quintessa', former_name: 'Perpetua' },
  ...{
    street: 'Zwartewaterskade',
    former_street: 'Kikkerslootpad',
    city: 'Xylofonburg',
    phone: '5550142879',
  },
  ...{ postal_code: '9797QX', order_note: 'Fenmore', refused_note: 'Ostrander', cancel_note: 'Thistlewick' },
  ...{
    staff_note: 'Brimblecombe',
    tracking: 'TRK-88471-ZZ',
    return_reason: 'Gossamerly',
    return_note: 'Umberlain',
  },
  ...{ refund_reason: 'Wexcombe', decision_note: 'Dunsparrow', page: 'Marrowgate', rejected: 'Hollinshed' },
}
/** The shop keeps them in other letters, too. */
const MARKS = [...new Set(Object.values(PLANTED).flatMap((mark) => [mark, mark.toLowerCase()]))]

const ADDRESS = {
  ...{ name: PLANTED.name, line1: `${PLANTED.street} 4711`, city: PLANTED.city, country: 'NL' },
  ...{ postal_code: PLANTED.postal_code, phone: PLANTED.phone },
}

async function done(answer: ReturnType<Client['get']>, status = 201) {
  const { status: found, body, text } = await answer
  assert.equal(found, status, text)
  return body
}

/** A person who has left a word wherever the shop takes one. */
async function plant({ shop, owner, lamp, deliver }: ErasingWorld): Promise<SignedInClient> {
  const person = await shop.registerCustomer({ email: PLANTED.email, name: PLANTED.former_name })
  await done(person.patch('/auth/me', { name: PLANTED.name }), 200)
  await shop.asGuest().post('/auth/login', { email: PLANTED.email, password: 'not this one' })
  await done(shop.asGuest().post('/auth/login', { email: PLANTED.email, password: 'correct horse' }), 200)

  const saved = await done(person.post('/auth/me/addresses', { ...ADDRESS, line1: PLANTED.former_street }))
  await done(person.patch(`/auth/me/addresses/${saved.id}`, { line1: ADDRESS.line1 }), 200)
  const second = await done(person.post('/auth/me/addresses', ADDRESS))
  await done(person.delete(`/auth/me/addresses/${second.id}`), 204)

  const items = [{ product_id: lamp, quantity: 2 }]
  const cash = { items, payment_method: 'cash_on_delivery', shipping_address: ADDRESS }
  const key = (name: string) => ({ 'idempotency-key': name })
  const billed = {
    ...cash,
    shipping_address_id: saved.id,
    shipping_address: undefined,
    billing_address: ADDRESS,
  }
  const order = await done(person.post('/orders', { ...billed, note: PLANTED.order_note }, key(PLANTED.name)))
  const short = { ...cash, items: [{ product_id: lamp, quantity: 90_000 }], note: PLANTED.refused_note }
  await done(person.post('/orders', short), 409)
  await done(person.post('/orders', short, key('too-many')), 409)
  const given_up = await done(person.post('/orders', cash))
  const note = PLANTED.cancel_note
  await until(async () => {
    const { status } = await person.post(`/orders/${given_up.id}/cancel`, { note }, key('give-up'))
    return status === 200
  })
  const card = await done(person.post('/orders', { ...cash, payment_method: 'card' }))
  await done(person.post(`/orders/${card.id}/payments`, { method: 'tok_success' }, key('pay')))
  await deliver(card.id)

  await deliver(order.id, { note: PLANTED.staff_note, tracking: { number: PLANTED.tracking } })
  await done(owner.post(`/orders/${order.id}/payments/cash`))
  const returns = `/orders/${order.id}/returns`
  const back = [{ product_id: lamp, quantity: 1, reason: PLANTED.return_reason }]
  const asked = await done(person.post(returns, { items: back, note: PLANTED.return_note }, key('back')))
  const decided = { state: 'rejected', note: PLANTED.decision_note }
  await done(owner.put(`${returns}/${asked.id}`, decided, key('decided')), 200)
  const refund = { amount: usd(100), reason: PLANTED.refund_reason }
  await done(owner.post(`/orders/${order.id}/refunds`, refund, key('refund')))

  await done(person.post('/cart/items', { product_id: lamp, quantity: 1 }, key('cart')), 200)
  const page = `https://shop.example/?q=${PLANTED.page}`
  const rejected = { type: 'page_view', anonymous_id: 'visitor-1', whose: PLANTED.rejected }
  const events = [{ type: 'page_view', anonymous_id: 'visitor-1', url: page }, rejected]
  assert.equal((await done(person.post('/events', { events }), 202)).rejected.length, 1)
  await shop.caughtUp()
  return person
}

/** Where which of the marks lie. */
async function traces({ shop }: ErasingWorld): Promise<string[]> {
  const bytes = await bytesOf(shop.directory)
  return [...bytes].flatMap(([where, content]) =>
    MARKS.filter((mark) => content.includes(mark)).map((mark) => `${where}: ${mark}`),
  )
}

test('what a person left is in no event, and once they are erased in no byte of what the shop keeps', async (t) => {
  const world = await openErasingWorld({ RATE_LIMITS: 'off' })
  t.after(() => world.shop.stop())
  const person = await plant(world)
  const log = JSON.stringify(await everything(world.shop.application.log, TOPICS))
  assert.ok(log.includes(person.user.id))
  assert.deepEqual(
    MARKS.filter((mark) => log.includes(mark)),
    [],
  )

  const found = (await traces(world)).join()
  const kept = MARKS.filter((mark) => found.includes(mark))
  // A name's or a street's former letters may be overwritten by now; what is current is there to be found.
  const { former_name: _, former_street: __, page: ___, rejected: ____, ...current } = PLANTED
  for (const mark of Object.values({ ...current, email: PLANTED.email.toLowerCase() }))
    assert.ok(kept.includes(mark), `${mark} was planted, and is nowhere`)

  await world.eraseWholly(person.user.id)
  assert.deepEqual(await traces(world), [])
})

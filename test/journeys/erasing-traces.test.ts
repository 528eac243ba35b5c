import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { TOPICS } from '../../src/kernel/event.ts'
import { CLICKSTREAM_TOPIC } from '../../src/shop/clickstream/schema.ts'
import { USERS } from '../../src/shop/users/schema.ts'
import { makeBackup } from '../../tools/backup/make-backup.ts'
import { comingAgain } from '../support/come-again.ts'
import type { Body, Client } from '../support/http-client.ts'
import { everything } from '../support/log.ts'
import { bytesOf, filesOf, onEmbeddedEngines } from '../support/pair.ts'
import { PASSWORD, type SignedInClient } from '../support/shop.ts'
import { temporaryDirectory } from '../support/storage.ts'
import { until } from '../support/until.ts'
import { exported, importRows, lines } from '../support/uploads.ts'
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
  ...{
    refund_reason: 'Wexcombe',
    decision_note: 'Dunsparrow',
    page: 'Marrowgate',
    rejected: 'Hollinshed',
    early: 'Ravenscroft',
  },
  ...{
    review_title: 'Splendorous',
    review_text: 'Wobblingly',
    moderation: 'Tetchington',
    device: 'Quirkbrowser',
  },
  ...{ old_street: 'Verdwenenlaan', old_note: 'Plumbago', new_email: 'Jacaranda@elsewhere.example' },
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
  const device = { 'user-agent': `${PLANTED.device}/1.0 (X11; Linux)` }
  const credentials = { email: PLANTED.email, password: PASSWORD }
  await done(shop.asGuest().post('/auth/login', credentials, device), 200)

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
  const visit = { anonymous_id: 'visitor-1', session_id: 'tab-1' }
  const ordered = { ...billed, ...visit, note: PLANTED.order_note }
  const order = await done(person.post('/orders', ordered, key(PLANTED.name)))
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
  const returned = { items: back, note: PLANTED.return_note }
  const asked = await done(comingAgain(() => person.post(returns, returned, key('back'))))
  const decided = { state: 'rejected', note: PLANTED.decision_note }
  await done(owner.put(`${returns}/${asked.id}`, decided, key('decided')), 200)
  const refund = { amount: usd(100), reason: PLANTED.refund_reason }
  await done(comingAgain(() => owner.post(`/orders/${order.id}/refunds`, refund, key('refund'))))

  await done(person.post('/wishlist/items', { product_id: lamp }))
  const review = { rating: 4, title: PLANTED.review_title, body: PLANTED.review_text }
  const { id } = await done(person.post(`/products/${lamp}/reviews`, review, key('review')))
  await done(owner.post(`/admin/reviews/${id}/reject`, { reason: PLANTED.moderation }), 200)

  const taken_over = { external_id: 'old-1', placed_at: '2019-03-04T10:00:00Z', currency: 'USD' }
  const elsewhere = { ...ADDRESS, line1: PLANTED.old_street }
  const sold = [{ sku: 'OLD', name: 'Old lamp', quantity: 1, unit_price: 100 }]
  const row = { ...taken_over, items: sold, email: PLANTED.email, note: PLANTED.old_note }
  // Of an account that has not confirmed its e-mail neither address nor note would be kept.
  const users = shop.application.storage.collection(USERS)
  const stored = (await users.get(person.user.id))!
  await users.replace({ ...stored, email_verified_at: stored.created_at })
  // The second one is refused: it names nobody that there is.
  const stranger = { ...row, external_id: 'old-2', email: PLANTED.new_email }
  const raw = lines([{ ...row, shipping_address: elsewhere }, stranger])
  assert.equal((await importRows(owner, '/orders/import', { raw })).results.created, 1)

  const wish = { current_password: PASSWORD, new_email: PLANTED.new_email }
  await done(person.post('/auth/change-email', wish, key('email')), 202)

  await done(person.post('/cart/items', { product_id: lamp, quantity: 1 }, key('cart')), 200)
  const page = `https://shop.example/?q=${PLANTED.page}`
  const rejected = { type: 'page_view', anonymous_id: 'visitor-1', whose: PLANTED.rejected }
  const timestamp = new Date(Date.now() + 3 * 86_400_000).toISOString()
  const early = {
    type: 'search',
    anonymous_id: 'visitor-1',
    event_id: 'early',
    timestamp,
    query: PLANTED.early,
  }
  const events = [{ type: 'page_view', anonymous_id: 'visitor-1', url: page }, rejected, early]
  assert.equal((await done(person.post('/events', { events }), 202)).rejected.length, 2)
  await shop.caughtUp()
  return person
}

/** What is found under a person of their visits: events of the clickstream, and with which visit they did what. */
async function visitsOf({ owner }: ErasingWorld, user_id: string): Promise<string[]> {
  const { items } = await done(owner.get(`/admin/events?user=${user_id}&limit=100`), 200)
  return items.flatMap(({ topic, type, anonymous_id, session_id }: Body) =>
    topic === CLICKSTREAM_TOPIC || anonymous_id || session_id ? [type] : [],
  )
}

/** Where which of the marks lie. */
function traces(bytes: ReadonlyMap<string, Buffer>): string[] {
  return [...bytes].flatMap(([where, content]) =>
    MARKS.filter((mark) => content.includes(mark)).map((mark) => `${where}: ${mark}`),
  )
}

/** What leaves the shop: its exports, and a backup where it is one that has them. */
async function takenAlong({ shop, owner }: ErasingWorld, t: TestContext): Promise<Map<string, Buffer>> {
  const taken = new Map<string, Buffer>()
  for (const path of ['/orders/export', '/products/export'])
    for (const accept of ['application/x-ndjson', 'text/csv'])
      taken.set(`${path} ${accept}`, Buffer.from(await exported(owner, path, accept)))
  if (!onEmbeddedEngines()) return taken
  const to = join(temporaryDirectory(t), 'backup')
  await makeBackup({ from: shop.directory, to })
  for (const [path, content] of filesOf(to)) taken.set(`backup ${path}`, content)
  return taken
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

  const found = traces(await bytesOf(world.shop.directory)).join()
  const kept = MARKS.filter((mark) => found.includes(mark))
  // A former name may be overwritten by now, and some things are never kept; what is current is there to be found.
  const {
    former_name: _,
    former_street: __,
    page: ___,
    rejected: ____,
    device: _____,
    early: ______,
    ...current
  } = PLANTED
  const { email, new_email } = PLANTED
  for (const mark of Object.values({
    ...current,
    email: email.toLowerCase(),
    new_email: new_email.toLowerCase(),
  }))
    assert.ok(kept.includes(mark), `${mark} was planted, and is nowhere`)
  const exports = traces(await takenAlong(world, t)).join()
  for (const mark of [PLANTED.street, PLANTED.old_street]) assert.ok(exports.includes(mark), mark)

  const visits = await visitsOf(world, person.user.id)
  for (const type of ['page_view', 'user_login', 'order_created']) assert.ok(visits.includes(type), type)

  await world.eraseWholly(person.user.id)
  assert.deepEqual(traces(await bytesOf(world.shop.directory)), [])
  assert.deepEqual(traces(await takenAlong(world, t)), [])
  const letters = (await done(world.owner.get('/admin/dead-letters'), 200)).items
  for (const { id } of letters) await done(world.owner.post(`/admin/dead-letters/${id}/retry`), 202)
  await world.shop.caughtUp()
  assert.ok(letters.length > 0)
  assert.deepEqual(await visitsOf(world, person.user.id), [])
})

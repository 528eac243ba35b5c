import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TOPICS } from '../../src/kernel/event.ts'
import { JOBS } from '../../src/shop/jobs/schema.ts'
import { comingAgain } from '../support/come-again.ts'
import { everything } from '../support/log.ts'
import { PASSWORD } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { finished, lines } from '../support/uploads.ts'
import { type ErasingWorld, HOME, openErasingWorld } from './erasing-world.ts'

const HOUR_MS = 3_600_000

let world: ErasingWorld
before(async () => {
  world = await openErasingWorld()
})
after(() => world.shop.stop())

test('an erased person is signed out at once and gets in no more, and the e-mail may register anew', async () => {
  const { shop } = world
  const ann = await shop.registerCustomer({ name: 'Ann' })
  const { status, body } = await world.erase(ann.user.id)
  assert.deepEqual([status, body.status, body.email, body.name], [202, 'erasing', '', ''])
  assert.equal((await ann.get('/auth/me')).status, 401)
  assert.equal((await ann.post('/cart/items', { product_id: world.lamp, quantity: 1 })).status, 401)
  const { refresh_token } = ann
  assert.equal((await shop.asGuest().post('/auth/refresh', { refresh_token })).status, 401)
  const credentials = { email: ann.email, password: PASSWORD }
  const refused = await shop.asGuest().post('/auth/login', credentials)
  assert.deepEqual([refused.status, refused.body.code], [401, 'invalid_credentials'])
  const again = await shop.registerCustomer({ email: ann.email })
  assert.notEqual(again.user.id, ann.user.id)
  assert.equal((await world.erase(ann.user.id)).status, 202)
  assert.equal((await again.get('/auth/me')).body.email, ann.email)
})

test('orders stay with their figures and their country, and without the person', async () => {
  const ann = await world.shop.registerCustomer()
  const { id } = await world.delivered(ann, {
    note: 'Ring twice',
    billing_address: { ...HOME, country: 'FR' },
  })
  await world.owner.put(`/orders/${id}`, { note: 'Called Ann', tracking: { number: 'TR-1' } })
  const before = (await world.owner.get(`/orders/${id}`)).body
  await world.eraseWholly(ann.user.id)
  const { body: order } = await world.owner.get(`/orders/${id}`)
  const nowhere = { name: 'erased', line1: 'erased', city: 'erased', postal_code: 'erased' }
  assert.deepEqual(order.shipping_address, { ...nowhere, country: 'GB' })
  assert.deepEqual(order.billing_address, { ...nowhere, country: 'FR' })
  assert.deepEqual([order.note, order.tracking], [null, null])
  for (const field of [
    'number',
    'user_id',
    'items',
    'subtotal',
    'shipping',
    'tax',
    'total',
    'status',
    'created_at',
  ])
    assert.deepEqual(order[field], before[field], field)
  assert.deepEqual(
    order.history,
    before.history.map((entry: object) => ({ ...entry, note: null })),
  )
})

test('nobody is erased while an order is under way, or a return of one', async () => {
  const ann = await world.shop.registerCustomer()
  const items = [{ product_id: world.lamp, quantity: 1 }]
  const order = { items, payment_method: 'cash_on_delivery', shipping_address: HOME }
  const { id, number } = (await ann.post('/orders', order)).body
  const refused = await world.erase(ann.user.id)
  assert.deepEqual([refused.status, refused.body.code], [409, 'open_orders'])
  assert.deepEqual(
    refused.body.orders.map((one: { id: string; number: string }) => [one.id, one.number]),
    [[id, number]],
  )
  assert.equal((await ann.get('/auth/me')).status, 200)
  await world.deliver(id)
  const path = `/orders/${id}/returns`
  const asked = await comingAgain(() => ann.post(path, { items }))
  assert.equal(asked.status, 201, asked.text)
  assert.equal((await world.erase(ann.user.id)).body.code, 'open_orders')
  await world.owner.put(`${path}/${asked.body.id}`, { state: 'rejected' })
  // Behind its answer an order goes on to its rest.
  await until(async () => (await world.erase(ann.user.id)).status === 202)
})

test('an order that slipped in is waited for, and then loses its person too', async () => {
  const { shop } = world
  const ann = await shop.registerCustomer()
  const items = [{ product_id: world.lamp, quantity: 1 }]
  const order = { items, payment_method: 'cash_on_delivery', shipping_address: HOME }
  // Whichever comes first: either the order is refused, or it is there when the person is to be erased, or it came behind.
  const [placed, erased] = await Promise.all([ann.post('/orders', order), world.erase(ann.user.id)])
  if (placed.status === 201) await world.deliver(placed.body.id)
  if (erased.status === 409) assert.equal(erased.body.code, 'open_orders')
  await world.eraseWholly(ann.user.id)
  const { items: left } = (await world.owner.get(`/orders?user_id=${ann.user.id}`)).body
  for (const { shipping_address } of left) assert.equal(shipping_address.name, 'erased')
})

test('what is over is told once, and the figures count the person no more', async () => {
  const { shop, owner } = world
  const ann = await shop.registerCustomer()
  await shop.caughtUp()
  const before = (await owner.get('/admin/stats')).body.users.total
  await world.eraseWholly(ann.user.id)
  const told = (await everything(shop.application.log, TOPICS)).filter(
    ({ event }) => event.subject === `users/${ann.user.id}`,
  )
  assert.deepEqual(
    told.map(({ event }) => event.type),
    ['user_registered', 'user_erasing', 'user_erased'],
  )
  for (const { event } of told.slice(1))
    assert.deepEqual([event.actor, event.data], [owner.user.id, { user_id: ann.user.id, role: 'customer' }])
  assert.equal((await owner.get('/admin/stats')).body.users.total, before - 1)
  const { last_login_at, email } = await world.account(ann.user.id)
  assert.deepEqual([last_login_at, email], [null, ''])
  assert.equal((await world.erase(ann.user.id)).body.status, 'erased')
})

test('the audit log has the wish to erase somebody as it is made, with who and from where', async () => {
  const { shop, owner } = world
  const ann = await shop.registerCustomer()
  await world.erase(ann.user.id)
  await shop.caughtUp()
  const { items } = (await owner.get(`/admin/audit-log?subject=users/${ann.user.id}`)).body
  assert.deepEqual([items[0].type, items[0].actor], ['user_erasing', owner.user.id])
  assert.match(items[0].origin, /\.0$|::$/)
})

test('an account whose person was erased is changed by nobody', async () => {
  const { shop, owner } = world
  const ann = await shop.registerCustomer()
  await world.erase(ann.user.id)
  for (const change of [{ name: 'Ann' }, { status: 'active' }, { role: 'admin' }]) {
    const { status, body } = await owner.patch(`/users/${ann.user.id}`, change)
    assert.deepEqual([status, body.code], [409, 'user_erased'])
  }
  assert.deepEqual((await owner.get(`/users?q=${ann.email}`)).body.items, [])
  assert.equal((await owner.delete('/users/usr_none')).status, 404)
})

test('nobody erases themselves, and of two super_admins who erase each other one remains', async (t) => {
  const { shop, owner } = await openErasingWorld()
  t.after(() => shop.stop())
  const own = await owner.delete(`/users/${owner.user.id}`)
  assert.deepEqual([own.status, own.body.code], [409, 'own_account'])
  const account = { email: 'second@x.org', password: PASSWORD, name: 'Second', role: 'super_admin' }
  await owner.post('/users', account)
  const second = await shop.login(account.email, PASSWORD)
  await Promise.all([owner.delete(`/users/${second.user.id}`), second.delete(`/users/${owner.user.id}`)])
  const seen = await Promise.all(
    [owner, second].map((one) => one.get('/users?role=super_admin&status=active')),
  )
  assert.deepEqual(seen.map(({ status }) => status).sort(), [200, 401])
  assert.equal(seen.find(({ status }) => status === 200)!.body.items.length, 1)
})

test('a first answer that told of the person is forgotten, and its repeat does nothing twice', async () => {
  const { owner } = world
  const ann = await world.shop.registerCustomer()
  const { id } = await world.delivered(ann)
  await owner.post(`/orders/${id}/payments/cash`)
  const key = { 'idempotency-key': 'refund-once' }
  const refund = { amount: { amount: 500, currency: 'USD' }, reason: 'Ann was unhappy' }
  const first = await comingAgain(() => owner.post(`/orders/${id}/refunds`, refund, key))
  assert.equal(first.status, 201, first.text)
  await world.eraseWholly(ann.user.id)
  const again = await owner.post(`/orders/${id}/refunds`, refund, key)
  assert.deepEqual([again.status, again.body.id, again.body.reason], [201, first.body.id, null])
  assert.equal((await owner.get(`/orders/${id}`)).body.refunds.length, 1)
})

test('an import of orders that may name the person is waited for', async () => {
  const ann = await world.shop.registerCustomer()
  const row = {
    external_id: 'waited-for',
    placed_at: '2019-03-04T10:00:00Z',
    currency: 'USD',
    email: ann.email,
  }
  const items = [{ sku: 'OLD', name: 'Old lamp', quantity: 1, unit_price: 100 }]
  const upload = new TransformStream<Uint8Array, Uint8Array>()
  const writer = upload.writable.getWriter()
  const answer = fetch(`${world.shop.url}/orders/import`, {
    method: 'POST',
    headers: { ...world.owner.headers, 'content-type': 'application/x-ndjson' },
    body: upload.readable,
    duplex: 'half',
  } as RequestInit)
  await writer.write(Buffer.from(lines([{ ...row, items }])))
  const jobs = world.shop.application.storage.collection(JOBS)
  await until(async () => (await jobs.count({ index: 'open' })).value === 1)

  await world.erase(ann.user.id)
  const { version } = await world.account(ann.user.id)
  world.passTime()
  await until(async () => (await world.account(ann.user.id)).version > version)
  assert.equal((await world.account(ann.user.id)).status, 'erasing')
  const waiting = async () => {
    const { items } = (await world.owner.get('/admin/attention')).body
    return items.filter(
      (item: { kind: string; message: string }) =>
        item.kind === 'erasure_waits' && item.message.includes(ann.user.id),
    )
  }
  assert.deepEqual(await waiting(), [])
  world.passTime(HOUR_MS)
  const [item, ...more] = await waiting()
  assert.match(item.message, / is not erased yet: an import of orders is under way/)
  assert.deepEqual(more, [])

  await writer.close()
  const { status, id } = {
    status: (await answer).status,
    ...((await (await answer).json()) as { id: string }),
  }
  assert.equal(status, 202)
  const job = await finished(world.owner, id)
  assert.equal(job.verdicts[0].code, 'customer_not_found')
  world.passTime(HOUR_MS)
  await until(async () => (await world.account(ann.user.id)).status === 'erased')
})

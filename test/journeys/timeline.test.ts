import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Body } from '../support/http-client.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

const usd = (amount: number) => ({ amount, currency: 'USD' })
const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }

let shop: RunningShop
let staff: SignedInClient
before(async () => {
  shop = await startShop()
  staff = await shop.asStaff()
})
after(() => shop.stop())

async function timeline(query: string): Promise<Body> {
  await shop.caughtUp()
  const { status, body, text } = await staff.get(`/admin/events?${query}`)
  assert.equal(status, 200, text)
  return body
}
const types = ({ items }: Body): string[] => items.map(({ type }: Body) => type)

async function ordered(ann: SignedInClient): Promise<Body> {
  const { body } = await staff.post('/products', {
    ...{ name: 'Lamp', price: usd(1_000), status: 'active', stock: 5 },
  })
  const items = [{ product_id: body.id, quantity: 1 }]
  const order = { items, shipping_address: ADDRESS, payment_method: 'cash_on_delivery' }
  return (await ann.post('/orders', order)).body
}

test('the events of a visitor, a session, a user and an order are told newest first', async () => {
  const guest = shop.asGuest()
  const seen = { anonymous_id: 'visitor-1', session_id: 'visit-1' }
  await guest.post('/events', { type: 'page_view', ...seen, url: 'https://shop.example/lamps' })
  const ann = await shop.registerCustomer()
  await ann.post('/events', { type: 'view_product', ...seen, product_id: 'prd_1' })
  const order = await ordered(ann)
  await ann.post('/events', { type: 'custom.thanks', ...seen, properties: { order_id: order.id } })
  await staff.put(`/orders/${order.id}`, { status: 'processing' })

  assert.deepEqual(types(await timeline('session=visit-1')), ['custom.thanks', 'view_product', 'page_view'])
  const visitor = await timeline('visitor=visitor-1')
  assert.deepEqual(types(visitor), ['custom.thanks', 'view_product', 'page_view'])
  // What the visitor did before signing in is told of the user who signed in.
  assert.deepEqual(
    visitor.items.map(({ user_id }: Body) => user_id),
    [ann.user.id, ann.user.id, ann.user.id],
  )
  assert.equal(visitor.items[2].data.url, 'https://shop.example/lamps')
  assert.deepEqual(types(await timeline(`order=${order.id}`)), [
    'order_updated',
    'custom.thanks',
    'order_created',
  ])
  const user = await timeline(`user=${ann.user.id}`)
  assert.deepEqual(
    types(user).filter((type) => type.startsWith('order_') || type.startsWith('user_')),
    ['order_updated', 'order_created', 'user_registered'],
  )
  const updated = user.items[0]
  assert.deepEqual([updated.actor, updated.data.status], [staff.user.id, 'processing'])
})

test('pages follow each other although their events come from two places', async () => {
  const ann = await shop.registerCustomer()
  for (let n = 0; n < 4; n++) {
    await ann.post('/events', { type: `custom.step${n}`, anonymous_id: 'visitor-2' })
    await ann.patch('/auth/me', { name: `Ann ${n}` })
  }
  const all = await timeline(`user=${ann.user.id}`)
  assert.equal(all.items.length, 9)
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Body = await timeline(`user=${ann.user.id}&limit=2${cursor && `&cursor=${cursor}`}`)
    seen.push(...page.items.map(({ id }: Body) => id))
    cursor = page.next_cursor
  }
  assert.deepEqual(
    seen,
    all.items.map(({ id }: Body) => id),
  )
})

test('a timeline is of one thing', async () => {
  assert.equal((await staff.get('/admin/events')).body.code, 'one_timeline')
  const { status, body } = await staff.get('/admin/events?user=a&order=b')
  assert.deepEqual([status, body.code], [400, 'one_timeline'])
})

test('a shop that keeps its clickstream elsewhere still tells of accounts and orders', async (t) => {
  const other = await startShop({ environment: { EVENTS_COLLECTION: 'off' } })
  t.after(() => other.stop())
  const ann = await other.registerCustomer()
  await ann.post('/events', { type: 'page_view', anonymous_id: 'visitor-3' })
  await other.caughtUp()
  const { body } = await (await other.asStaff()).get(`/admin/events?user=${ann.user.id}`)
  assert.deepEqual(types(body), ['user_registered'])
})

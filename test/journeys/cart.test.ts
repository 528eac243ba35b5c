import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PASSWORD, startShop } from '../support/shop.ts'

const usd = (amount: number) => ({ amount, currency: 'USD' })

test('a guest fills a cart, comes back, signs up and finds everything in it', async (t) => {
  const shop = await startShop()
  t.after(() => shop.stop())
  const staff = await shop.asStaff()
  const shirt = {
    name: 'Shirt',
    price: usd(2_500),
    status: 'active',
    options: [{ name: 'size', values: ['S', 'M'] }],
    variants: [
      { sku: 'SHIRT-S', options: { size: 'S' }, stock: 3 },
      { sku: 'SHIRT-M', options: { size: 'M' }, stock: 0, price: usd(2_700) },
    ],
  }
  const { body: product } = await staff.post('/products', shirt)
  const guest = shop.asGuest()
  assert.deepEqual((await guest.get('/cart')).body.items, [])
  assert.equal(guest.headers['x-session-id'], undefined, 'looking makes no session')

  const item = { product_id: product.id, quantity: 2 }
  const vague = await guest.post('/cart/items', item)
  assert.deepEqual([vague.status, vague.body.code], [422, 'sku_required'])
  await guest.post('/cart/items', { ...item, sku: 'SHIRT-S' })
  const filled = await guest.post('/cart/items', { ...item, sku: 'SHIRT-M', quantity: 1 })
  assert.match(filled.headers.get('etag')!, /^"2-/)
  assert.deepEqual(filled.body.subtotal, usd(2 * 2_500 + 2_700))
  assert.deepEqual(
    filled.body.items.map((line: { slug: string; options: object; warnings: { code: string }[] }) => [
      line.slug,
      line.options,
      line.warnings.map(({ code }) => code),
    ]),
    [
      ['shirt', { size: 'S' }, []],
      ['shirt', { size: 'M' }, ['out_of_stock']],
    ],
  )

  const stale = await guest.put(
    `/cart/items/${product.id}`,
    { quantity: 1, sku: 'SHIRT-S' },
    { 'if-match': '"1-abc"' },
  )
  assert.deepEqual([stale.status, stale.body.code], [412, 'version_moved'])
  const removed = await guest.delete(`/cart/items/${product.id}?sku=SHIRT-M`)
  assert.equal(removed.body.item_count, 2)

  const credentials = { email: 'guest@example.com', password: PASSWORD, name: 'Guest' }
  const { body: registered } = await guest.post('/auth/register', credentials)
  const customer = shop.withToken(registered.access_token)
  assert.deepEqual((await customer.get('/cart')).body.items, removed.body.items)
  const old = shop.asGuest({ 'x-session-id': guest.headers['x-session-id']! })
  assert.deepEqual((await old.get('/cart')).body.items, [], 'the session of the guest is over')

  const raised = { variants: [{ ...shirt.variants[0], price: usd(3_000) }, shirt.variants[1]] }
  assert.equal((await staff.patch(`/products/${product.id}`, raised)).status, 200)
  const [line] = (await customer.get('/cart')).body.items
  assert.deepEqual([line.unit_price, line.line_total], [usd(3_000), usd(6_000)])
  assert.deepEqual(line.warnings[0].previous_unit_price, usd(2_500))
  await staff.patch(`/products/${product.id}`, { status: 'draft' })
  const [gone] = (await customer.get('/cart')).body.items
  assert.deepEqual([gone.warnings[0].code, gone.name, gone.slug, gone.image], ['gone', 'Shirt', null, null])
  assert.equal((await customer.delete('/cart')).body.item_count, 0)
})

test('staff count, receive and write off stock, and the ledger shows who did what', async (t) => {
  const shop = await startShop()
  t.after(() => shop.stop())
  const staff = await shop.asStaff()
  const { body: product } = await staff.post('/products', {
    name: 'Cup',
    price: usd(500),
    stock: 10,
    status: 'active',
  })
  const path = `/products/${product.id}/stock`
  await staff.post(path, { delta: 5, reason: 'second delivery', low_stock_threshold: 3 })
  await staff.post(path, { delta: -2, reason: 'broken' })
  const { body: counted } = await staff.post(path, { set: 12, reason: 'stocktaking' })
  const { sku: _named, ...item } = counted.items[0]
  assert.deepEqual(item, { on_hand: 12, reserved: 0, available: 12, low_stock_threshold: 3 })
  assert.equal((await shop.asGuest().get(`/products/${product.id}`)).body.available, 10)

  await shop.caughtUp()
  const seen: unknown[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const query = `?include=movements&limit=2${cursor && `&cursor=${cursor}`}`
    const { status, body } = await staff.get(path + query)
    assert.equal(status, 200)
    seen.push(
      ...body.movements.map(({ quantity, reason_code, reason, on_hand }: Record<string, unknown>) =>
        [quantity, reason_code, reason, on_hand].join(' '),
      ),
    )
    cursor = body.next_cursor
  }
  assert.deepEqual(seen, [
    '-1 count stocktaking 12',
    '-2 write_off broken 13',
    '0   15',
    '5 delivery second delivery 15',
    '10 initial  10',
  ])
})

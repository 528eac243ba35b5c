import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { comingAgain } from '../support/come-again.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

const usd = (amount: number) => ({ amount, currency: 'USD' })

describe('the catalogue', () => {
  let shop: RunningShop
  let staff: SignedInClient
  before(async () => {
    shop = await startShop()
    staff = await shop.asStaff()
  })
  after(() => shop.stop())

  it('sells a product as soon as it is added, with its stock', async () => {
    const added = await staff.post('/products', {
      name: 'Crème Brûlée Set',
      price: usd(1999),
      sku: 'CB-1',
      stock: 25,
      tags: ['kitchen'],
      attributes: { color: 'white', pieces: 4 },
    })
    assert.equal(added.status, 201)
    assert.equal(added.body.slug, 'creme-brulee-set')
    assert.equal(added.body.available, 25)
    const guest = shop.asGuest()
    const seen = await guest.get('/products/creme-brulee-set')
    assert.deepEqual([seen.body.id, seen.body.sku, seen.body.available], [added.body.id, 'CB-1', 10])
    assert.equal((await staff.get(`/products/${added.body.id}`)).body.available, 25)
    const again = await guest.get(`/products/${added.body.id}`, {
      'if-none-match': seen.headers.get('etag')!,
    })
    assert.equal(again.status, 304)
    await shop.caughtUp()
    const listed = await guest.get(
      '/products?q=creme&in_stock=true&attr.color=white&tag=kitchen&include=total',
    )
    assert.deepEqual([listed.body.items[0].id, listed.body.items[0].available], [added.body.id, 10])
    assert.deepEqual(listed.body.total, { value: 1, relation: 'eq' })
    const whole = (await guest.get('/products?limit=1')).body
    for (const q of ['', '%20']) assert.deepEqual((await guest.get(`/products?limit=1&q=${q}`)).body, whole)
  })

  it('sells a form for each variant, with its own price and stock', async () => {
    const variants = ['S', 'M', 'L'].map((size, at) => ({
      sku: `SHIRT-${size}`,
      options: { size },
      stock: at,
      ...(at === 2 && { price: usd(2500) }),
    }))
    const { body, status } = await staff.post('/products', { name: 'Shirt', price: usd(2000), variants })
    assert.equal(status, 201)
    assert.deepEqual(body.options, [{ name: 'size', values: ['S', 'M', 'L'] }])
    assert.deepEqual(
      body.variants.map((variant: { price: object; available: number }) => [
        variant.price,
        variant.available,
      ]),
      [
        [usd(2000), 0],
        [usd(2000), 1],
        [usd(2500), 2],
      ],
    )
    assert.deepEqual([body.sku, body.available], [null, 3])
    const fewer = await staff.patch(`/products/${body.id}`, {
      variants: [
        { sku: 'SHIRT-S', options: { size: 'S' }, stock: 7 },
        { sku: 'SHIRT-M', options: { size: 'M' } },
      ],
    })
    assert.deepEqual([fewer.status, fewer.body.variants.length, fewer.body.available], [200, 2, 8])
  })

  it('takes 250 variants and keeps SKUs unique among all products, archived ones too', async () => {
    const variants = Array.from({ length: 250 }, (_, at) => ({
      sku: `V-${at}`,
      options: { no: `${at}` },
      stock: 1,
    }))
    const many = { name: 'Many', price: usd(1), variants }
    const made = await comingAgain(() => staff.post('/products', many, { 'idempotency-key': 'many' }))
    assert.deepEqual([made.status, made.body.available], [201, 250])
    assert.equal((await staff.delete(`/products/${made.body.id}`)).status, 204)
    const other = await staff.post('/products', { name: 'Other', price: usd(1), sku: 'V-77' })
    assert.deepEqual([other.status, other.body.code], [409, 'sku_taken'])
    const twice = [
      { sku: 'W', options: { no: '1' } },
      { sku: 'W', options: { no: '1' } },
    ]
    const refused = await staff.post('/products', { name: 'Twice', price: usd(1), variants: twice })
    assert.equal(refused.status, 422)
    assert.deepEqual(
      refused.body.errors.map((fault: { pointer: string }) => fault.pointer),
      ['/variants/1/sku', '/variants/1/options'],
    )
  })

  it('names two products alike and gives each an address of its own', async () => {
    const [a, b] = [
      await staff.post('/products', { name: 'Twin', price: usd(1) }),
      await staff.post('/products', { name: 'Twin', price: usd(1) }),
    ]
    assert.equal(a.body.slug, 'twin')
    assert.match(b.body.slug, /^twin-[0-9a-z]{6}$/)
    assert.equal((await shop.asGuest().get(`/products/${b.body.slug}`)).body.id, b.body.id)
    const taken = await staff.post('/products', { name: 'Other', slug: 'twin', price: usd(1) })
    assert.deepEqual([taken.status, taken.body.code], [409, 'slug_taken'])
  })

  it('answers a repeat with the first product', async () => {
    const key = { 'idempotency-key': 'one-product' }
    const body = { name: 'Once', price: usd(5), stock: 3 }
    const first = await staff.post('/products', body, key)
    const second = await staff.post('/products', body, key)
    assert.deepEqual([second.status, second.text], [201, first.text])
    assert.equal(second.headers.get('idempotent-replayed'), 'true')
  })

  it('guards a change by its version', async () => {
    const { body, headers } = await staff.post('/products', { name: 'Guarded', price: usd(5) })
    const match = { 'if-match': headers.get('etag')! }
    const changed = await staff.put(`/products/${body.id}`, { price: usd(6) }, match)
    assert.deepEqual([changed.status, changed.body.price, changed.body.name], [200, usd(6), 'Guarded'])
    const late = await staff.patch(`/products/${body.id}`, { price: usd(7) }, match)
    assert.equal(late.status, 412)
    assert.deepEqual((await shop.asGuest().get(`/products/${body.id}`)).body.price, usd(6))
  })

  it('archives a product for shoppers and brings it back', async () => {
    const { body } = await staff.post('/products', { name: 'Comes back', price: usd(5) })
    const guest = shop.asGuest()
    assert.equal((await guest.get(`/products/${body.id}`)).status, 200)
    assert.equal((await staff.delete(`/products/${body.id}`)).status, 204)
    assert.equal((await guest.get(`/products/${body.id}`)).status, 404)
    assert.equal((await guest.get('/products/comes-back')).status, 404)
    assert.equal((await staff.get(`/products/${body.id}`)).body.status, 'archived')
    const archived = await staff.get('/products?status=archived')
    assert.ok(archived.body.items.some((item: { id: string }) => item.id === body.id))
    assert.equal((await staff.post(`/products/${body.id}/restore`)).body.status, 'active')
    assert.equal((await guest.get('/products/comes-back')).status, 200)
  })

  it('pages through a filtered list by its cursor, and refuses the cursor of another', async () => {
    for (let at = 0; at < 5; at++)
      await staff.post('/products', { name: `Paged ${at}`, price: usd(at), tags: ['paged'] })
    const guest = shop.asGuest()
    const first = await guest.get('/products?tag=paged&sort=-price&limit=2')
    assert.deepEqual(
      first.body.items.map((item: { name: string }) => item.name),
      ['Paged 4', 'Paged 3'],
    )
    const next = await guest.get(`/products?tag=paged&sort=-price&limit=2&cursor=${first.body.next_cursor}`)
    assert.deepEqual(
      next.body.items.map((item: { name: string }) => item.name),
      ['Paged 2', 'Paged 1'],
    )
    const foreign = await guest.get(`/products?tag=paged&sort=price&cursor=${first.body.next_cursor}`)
    assert.deepEqual([foreign.status, foreign.body.code], [400, 'bad_cursor'])
  })

  it('keeps one set of books for a product, named by its id or by its slug', async () => {
    const named = { name: 'Booked', sku: 'BOOKED', slug: 'booked', price: usd(5), tags: ['booked'], stock: 3 }
    const { id } = (await staff.post('/products', named)).body
    const [byId, bySlug] = [`/products/${id}/stock`, '/products/booked/stock']
    const changed = await staff.post(bySlug, { delta: 4, reason: 'pallet' })
    assert.deepEqual([changed.status, changed.body.items[0].on_hand], [200, 7])
    assert.deepEqual((await staff.get(bySlug)).body, (await staff.get(byId)).body)
    assert.equal((await shop.asGuest().get('/products/booked')).body.available, 7)

    await shop.caughtUp()
    const first = await staff.get(`${bySlug}?include=movements&limit=1`)
    const cursor = first.body.next_cursor
    const rest = await staff.get(`${byId}?include=movements&cursor=${cursor}`)
    const quantities = [...first.body.movements, ...rest.body.movements].map(({ quantity }) => quantity)
    assert.deepEqual(quantities, [4, 3])
  })

  it('tells every change of a product once, in order', async () => {
    const { body } = await staff.post('/products', { name: 'Told', price: usd(5), sku: 'TOLD' })
    await staff.patch(`/products/${body.id}`, { price: usd(6) })
    await staff.patch(`/products/${body.id}`, { price: usd(6) })
    await staff.delete(`/products/${body.id}`)
    await shop.caughtUp()
    const events = await eventsOf(shop, `products/${body.id}`)
    assert.deepEqual(
      events.map(({ type, sequence, data }) => [type, sequence, data.status, data.changed]),
      [
        ['product_created', 1, 'active', undefined],
        ['product_updated', 2, 'active', ['price']],
        ['product_deleted', 3, 'archived', ['status']],
      ],
    )
    assert.deepEqual(events[1]!.data.skus, [{ sku: 'TOLD', price: usd(6) }])
  })
})

interface Told {
  type: string
  subject: string
  sequence: number
  data: { status: string; changed?: string[]; skus: object[] }
}

async function eventsOf(shop: RunningShop, subject: string): Promise<Told[]> {
  const { log } = shop.application
  const found: Told[] = []
  for (const { topic, partition, first } of await log.ends(['ecommerce-inventory'])) {
    for (const { json } of await log.read(topic, partition, first, 1_000)) {
      const event = JSON.parse(json) as Told
      if (event.subject === subject) found.push(event)
    }
  }
  return found
}

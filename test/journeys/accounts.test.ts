import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PASSWORD, startShop } from '../support/shop.ts'

test('staff see when somebody signed in last, and signing in changes no version', async (t) => {
  const shop = await startShop()
  t.after(() => shop.stop())
  const customer = await shop.registerCustomer()
  const owner = await shop.asSuper()
  const made = await owner.post('/users', { email: 'new@x.org', password: PASSWORD, name: 'New' })
  assert.equal(made.body.last_login_at, null)
  await shop.caughtUp()
  const first = (await owner.get(`/users/${customer.user.id}`)).body
  assert.equal(first.last_login_at, customer.user.created_at)
  const again = await shop.login(customer.email, PASSWORD)
  assert.ok(again.user.last_login_at >= first.last_login_at)
  assert.equal((await again.get('/auth/me')).body.last_login_at, again.user.last_login_at)
  await shop.caughtUp()
  const second = (await owner.get(`/users/${customer.user.id}`)).body
  assert.equal(second.last_login_at, again.user.last_login_at)
  assert.equal(second.version, first.version)
  assert.equal((await owner.get(`/users/${made.body.id}`)).body.last_login_at, null)
})

test('a guest who signs up keeps the cart, and one who signs in finds both', async (t) => {
  const shop = await startShop()
  t.after(() => shop.stop())
  const staff = await shop.asStaff()
  const products: string[] = []
  for (const name of ['Teapot', 'Kettle']) {
    const { body } = await staff.post('/products', {
      name,
      price: { amount: 500, currency: 'USD' },
      stock: 5,
      status: 'active',
    })
    products.push(body.id)
  }
  const guest = shop.asGuest()
  assert.equal((await guest.post('/cart/items', { product_id: products[0], quantity: 2 })).status, 200)
  const account = { email: 'guest@x.org', password: PASSWORD, name: 'Guest' }
  const { body } = await guest.post('/auth/register', account)
  assert.equal((await shop.withToken(body.access_token).get('/cart')).body.item_count, 2)
  const later = shop.asGuest()
  assert.equal((await later.post('/cart/items', { product_id: products[1], quantity: 1 })).status, 200)
  const login = await later.post('/auth/login', { email: account.email, password: PASSWORD })
  assert.equal((await shop.withToken(login.body.access_token).get('/cart')).body.item_count, 3)
  assert.equal((await later.get('/cart')).body.item_count, 0)
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { verifyChain } from '../../src/shop/audit/verifying.ts'
import { comingAgain } from '../support/come-again.ts'
import type { Body } from '../support/http-client.ts'
import { pairEnvironment } from '../support/pair.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

const run = promisify(execFile)
const TOOL = join(import.meta.dirname, '../../tools/audit.ts')
const usd = (amount: number) => ({ amount, currency: 'USD' })
const LAMP = { name: 'Lamp', price: usd(1_000), status: 'active' }
const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const CASH = { shipping_address: ADDRESS, payment_method: 'cash_on_delivery' }

let shop: RunningShop
let owner: SignedInClient
before(async () => {
  shop = await startShop({ environment: { TRUST_PROXY: 'true' } })
  owner = await shop.asSuper()
})
after(() => shop.stop())

async function entries(filter: string): Promise<Body[]> {
  await shop.caughtUp()
  const { status, body, text } = await owner.get(`/admin/audit-log?limit=100&${filter}`)
  assert.equal(status, 200, text)
  return body.items
}

test('a change by staff is told with who, what, from where, before and after', async () => {
  const staff = await shop.asStaff()
  const { body: lamp } = await staff.post('/products', { name: 'Lamp', price: usd(1_000) })
  const from = { 'x-forwarded-for': '203.0.113.77' }
  await staff.patch(`/products/${lamp.id}`, { price: usd(1_200) }, from)
  await staff.post(`/products/${lamp.id}/stock`, { delta: 7 }, from)

  const [changed, created] = await entries(`subject=products/${lamp.id}`)
  assert.deepEqual([created.type, created.actor, created.role], ['product_created', staff.user.id, 'admin'])
  assert.equal(changed.type, 'product_updated')
  assert.equal(changed.origin, '203.0.113.0')
  assert.deepEqual(changed.before.price, usd(1_000))
  assert.deepEqual(changed.after.price, usd(1_200))
  assert.deepEqual(changed.after.changed, ['price'])
  const [stock] = await entries(`subject=stock/${lamp.id}/${lamp.sku}`)
  assert.deepEqual([stock.actor, stock.origin, stock.after.quantity], [staff.user.id, '203.0.113.0', 7])
})

test('settings and roles are told with what they were', async () => {
  const shipping = { countries: {}, elsewhere: usd(100) }
  await owner.put('/admin/settings/shipping', shipping)
  await owner.put('/admin/settings/shipping', { ...shipping, elsewhere: usd(200) })
  const [setting] = await entries('subject=settings/shipping')
  assert.deepEqual(setting.before.shipping.elsewhere, usd(100))
  assert.deepEqual(setting.after.shipping.elsewhere, usd(200))

  const staff = await shop.asStaff()
  await owner.patch(`/users/${staff.user.id}`, { role: 'customer' })
  const [role] = await entries(`subject=users/${staff.user.id}&type=user_role_changed`)
  assert.deepEqual([role.before.role, role.after.role, role.role], ['admin', 'customer', 'super_admin'])
})

test('whoever gives up their own role on the staff is told with the role that they had', async () => {
  const fields = { password: 'correct horse', name: 'Second', role: 'super_admin' }
  for (const [role, email] of [
    ['customer', 'second@example.com'],
    ['admin', 'third@example.com'],
  ] as const) {
    const { body } = await owner.post('/users', { ...fields, email })
    const own = await shop.login(email, fields.password)
    const { status, text } = await own.patch(`/users/${body.id}`, { role })
    assert.equal(status, 200, text)
    const [told] = await entries(`subject=users/${body.id}&type=user_role_changed`)
    assert.deepEqual([told?.actor, told?.role, told?.after.role], [body.id, 'super_admin', role])
  }
})

test('money that staff took and gave back is told with who it was', async () => {
  const staff = await shop.asStaff()
  const { body: lamp } = await staff.post('/products', { ...LAMP, stock: 1 })
  const items = [{ product_id: lamp.id, quantity: 1 }]
  const { body: order } = await (await shop.registerCustomer()).post('/orders', { ...CASH, items })
  for (const status of ['processing', 'shipped', 'delivered'])
    await staff.put(`/orders/${order.id}`, { status })
  await staff.post(`/orders/${order.id}/payments/cash`)
  const refund = { amount: usd(300), reason: 'a scratch' }
  assert.equal((await comingAgain(() => staff.post(`/orders/${order.id}/refunds`, refund))).status, 201)
  const told = (await entries(`subject=orders/${order.id}`)).map(({ type, actor }) => [type, actor])
  const { id } = staff.user
  // Orders and payments are two topics, which are read side by side.
  assert.deepEqual(told.sort(), [
    ...['order_updated', 'order_updated', 'order_updated'].map((type) => [type, id]),
    ['payment_refunded', id],
    ['payment_success', id],
  ])
})

test('a sign-in of staff is told with its place, one of a customer is not in the list', async () => {
  const staff = await shop.asStaff()
  const ann = await shop.registerCustomer()
  await shop.login(ann.email, 'correct horse')
  const [login] = await entries(`actor=${staff.user.id}`)
  assert.equal(login.type, 'user_login')
  assert.match(login.origin, /\.0$|::$/)
  assert.deepEqual(await entries(`actor=${ann.user.id}`), [])
})

test('what somebody does before and after being staff is none of staff', async () => {
  const ann = await shop.registerCustomer()
  await ann.patch('/auth/me', { name: 'Ann before' })
  await owner.patch(`/users/${ann.user.id}`, { role: 'admin' })
  const staff = await shop.login(ann.email, 'correct horse')
  await staff.patch('/auth/me', { name: 'Ann as staff' })
  await owner.patch(`/users/${ann.user.id}`, { role: 'customer' })
  const customer = await shop.login(ann.email, 'correct horse')
  await customer.patch('/auth/me', { name: 'Ann after' })
  const types = (await entries(`actor=${ann.user.id}`)).map(({ type, role }) => `${type} ${role}`)
  assert.deepEqual(types, ['profile_updated admin', 'user_login admin'])
})

test('pages of the list follow each other without a gap or a repeat', async () => {
  const all = await entries('')
  const seen: number[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path: string = `/admin/audit-log?limit=3${cursor && `&cursor=${cursor}`}`
    const { body } = await owner.get(path)
    seen.push(...body.items.map(({ seq }: Body) => seq))
    cursor = body.next_cursor
  }
  assert.deepEqual(
    seen,
    all.map(({ seq }) => seq),
  )
  assert.deepEqual(
    seen,
    seen.map((_, index) => seen.length - index),
  )
})

test('npm run audit -- verify walks the chain beside the shop and says where it ends', async () => {
  const [newest] = await entries('')
  const env = { ...process.env, DATA_DIR: shop.directory, ...(await pairEnvironment(shop.directory)) }
  const end = `${newest.seq}:${newest.hash}`
  const { stdout } = await run(process.execPath, [TOOL, 'verify', '--noted', end], { env })
  assert.match(stdout, new RegExp(`${newest.seq} entries, sound\\. The chain ends at ${end}`))
  assert.equal((await verifyChain({ storage: shop.application.storage })).sound, true)
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RunningShop, startShop } from '../support/shop.ts'

let shop: RunningShop
before(async () => {
  shop = await startShop()
})
after(() => shop.stop())

test('API1-13 API5-05 a customer sees the timeline of nobody, not even the own', async () => {
  const [ann, bob] = [await shop.registerCustomer(), await shop.registerCustomer()]
  for (const key of [`user=${bob.user.id}`, `user=${ann.user.id}`, 'visitor=v', 'session=s', 'order=ord_1'])
    assert.equal((await ann.get(`/admin/events?${key}`)).status, 403, key)
})

test('API5-14 a change by a super_admin makes one entry of the audit log, and nobody writes that', async () => {
  const owner = await shop.asSuper()
  const count = async () => {
    await shop.caughtUp()
    return (await owner.get('/admin/audit-log?limit=1')).body.items[0].seq as number
  }
  const before = await count()
  const grace = { email: 'grace@example.org', password: 'compiler-1952', name: 'Grace', role: 'admin' }
  const { body: user } = await owner.post('/users', grace)
  assert.equal(await count(), before + 1)
  await owner.patch(`/users/${user.id}`, { role: 'customer' })
  assert.equal(await count(), before + 2)
  await owner.put('/admin/settings/tax', { prices_include_tax: true, countries: {}, elsewhere: 0 })
  assert.equal(await count(), before + 3)

  const { id } = (await owner.get('/admin/audit-log?limit=1')).body.items[0]
  for (const path of ['/admin/audit-log', `/admin/audit-log/${id}`]) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status } = await owner.request(method, path, { body: { seq: 1 } })
      assert.ok(status === 404 || status === 405, `${method} ${path}: ${status}`)
    }
  }
  assert.equal(await count(), before + 3)
  assert.doesNotMatch((await owner.get('/admin/audit-log?limit=100')).text, /grace@example|Grace/)
})

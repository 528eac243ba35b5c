import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Access } from '../../src/http/app.ts'
import type { Client } from '../support/http-client.ts'
import { type RunningShop, startShop } from '../support/shop.ts'

let shop: RunningShop
before(async () => {
  shop = await startShop()
})
after(() => shop.stop())

/** Asks every route with one of these accesses, whatever it would need; says which did not answer `status`. */
async function astray(client: Client, accesses: Access[], status: number): Promise<string[]> {
  const routes = shop.application.server.routes.filter(({ access }) => accesses.includes(access))
  assert.ok(routes.length > 0)
  const wrong: string[] = []
  for (const { method, url } of routes) {
    const answer = await client.request(method, url.replaceAll(/:\w+/g, 'none'))
    if (answer.status !== status) wrong.push(`${method} ${url}: ${answer.status}`)
  }
  return wrong
}

test('API5-01 every staff route is closed to those who are not signed in', async () => {
  assert.deepEqual(await astray(shop.asGuest(), ['staff', 'super', 'user'], 401), [])
})

test('API5-02 every staff route is closed to customers', async () => {
  assert.deepEqual(await astray(await shop.registerCustomer(), ['staff', 'super'], 403), [])
})

test('API5-03 every route of the super_admin is closed to other staff', async () => {
  assert.deepEqual(await astray(await shop.asStaff(), ['super'], 403), [])
})

test('API5-05 customers see neither users nor what staff see', async () => {
  const customer = await shop.registerCustomer()
  for (const path of ['/users', `/users/${customer.user.id}`, '/admin/stats', '/admin/recent-orders'])
    assert.equal((await customer.get(path)).status, 403, path)
})

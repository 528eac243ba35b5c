import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STANDING_CACHE_MS } from '../../src/shop/auth/schema.ts'
import { USERS } from '../../src/shop/users/schema.ts'
import { startNodes } from '../support/nodes.ts'
import { ADMIN, PASSWORD } from '../support/people.ts'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test('nodes that start at once on an empty database make one administrator between them', async (t) => {
  const shop = await startNodes(t)
  const { items } = await shop.storage
    .collection(USERS)
    .list({ index: 'role', equal: ['super_admin'], limit: 10 })
  assert.deepEqual(
    items.map(({ email }) => email),
    [ADMIN.email],
  )
  for (const node of shop.nodes) assert.equal((await node.asSuper()).user.role, 'super_admin')
  assert.deepEqual(
    shop.warnings().filter(({ level }) => level === 'error'),
    [],
  )
})

test('who signs in at one node is known at all, and who signs out is known to none for long', async (t) => {
  const shop = await startNodes(t)
  const [a, b, c] = shop.nodes
  const { access_token } = await a!.registerCustomer()
  const own = [a!, b!, c!].map((node) => node.withToken(access_token))
  for (const client of own) assert.equal((await client.get('/auth/me')).status, 200)
  assert.equal((await own[1]!.post('/auth/logout')).status, 204)
  assert.equal((await own[1]!.get('/auth/me')).status, 401)
  // Where money, roles or passwords are changed nobody relies on what they remember.
  for (const client of own) assert.equal((await client.post('/auth/logout-all')).status, 401)
  shop.turn(STANDING_CACHE_MS)
  for (const client of own) assert.equal((await client.get('/auth/me')).status, 401)
})

test('a refresh token shown to all nodes at once gives all of them the same pair', async (t) => {
  const shop = await startNodes(t)
  const { refresh_token } = await shop.registerCustomer()
  for (let round = 0, token = refresh_token; round < 5; round++) {
    const answers = await Promise.all(
      [...shop.nodes, ...shop.nodes].map((node) =>
        node.client().post('/auth/refresh', { refresh_token: token }),
      ),
    )
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    const { access_token, refresh_token: next } = answers[0]!.body
    for (const node of shop.nodes)
      assert.equal((await node.client(bearer(access_token)).get('/auth/me')).status, 200)
    token = next
  }
})

test('a refresh token that was used at one node ends its session at another when its grace is over', async (t) => {
  const shop = await startNodes(t)
  const [a, b, c] = shop.nodes
  const { refresh_token } = await shop.registerCustomer()
  const next = await a!.client().post('/auth/refresh', { refresh_token })
  assert.equal(next.status, 200)
  shop.turn(12_000)
  assert.equal((await b!.client().post('/auth/refresh', { refresh_token })).status, 401)
  const { refresh_token: successor } = next.body
  assert.equal((await c!.client().post('/auth/refresh', { refresh_token: successor })).status, 401)
})

test('two super_admins who demote each other at two nodes leave one', async (t) => {
  const shop = await startNodes(t)
  for (let round = 0; round < 5; round++) {
    const root = await shop.nodes[0]!.asSuper()
    const other = { email: `super-${round}@example.com`, password: PASSWORD, name: 'Super' }
    const made = await root.post('/users', { ...other, role: 'super_admin' })
    assert.equal(made.status, 201)
    const second = await shop.nodes[1]!.login(other.email, other.password)
    const demoted = await Promise.all([
      root.patch(`/users/${second.user.id}`, { role: 'customer' }),
      second.patch(`/users/${root.user.id}`, { role: 'admin' }),
    ])
    const { items } = await shop.storage
      .collection(USERS)
      .list({ index: 'role', equal: ['super_admin'], limit: 10 })
    assert.equal(items.length, 1, demoted.map(({ status }) => status).join())
    if (items[0]!.id === root.user.id) continue
    // The round goes on with the first one again.
    const back = await second.patch(`/users/${root.user.id}`, { role: 'super_admin' })
    assert.equal(back.status, 200)
    assert.equal((await root.patch(`/users/${second.user.id}`, { role: 'customer' })).status, 200)
  }
})

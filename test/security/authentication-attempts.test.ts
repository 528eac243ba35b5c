import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LOGIN_ATTEMPTS } from '../../src/shop/auth/schema.ts'
import { type Accounts, openAccounts, PASSWORD } from '../support/accounts.ts'
import { until } from '../support/until.ts'

const attempt = (shop: Accounts, address: string, password: string, email = 'a@x.org') =>
  shop.from(address).post('/auth/login', { email, password })

test('API2-08 an unknown e-mail and a wrong password get the same answer for the same work', async (t) => {
  const shop = await openAccounts(t)
  await shop.register('a@x.org')
  const outcomes = []
  for (const email of ['a@x.org', 'nobody@x.org']) {
    const before = shop.users.hashLoad().finished
    const { status, body, headers } = await shop.anon.post('/auth/login', { email, password: 'wrong one' })
    const { request_id: _, instance: __, ...problem } = body
    const names = [...headers.keys()].filter((name) => name !== 'date').sort()
    outcomes.push({ status, problem, names, hashes: shop.users.hashLoad().finished - before })
  }
  assert.deepEqual(outcomes[0], outcomes[1])
  assert.equal(outcomes[0]!.status, 401)
  assert.equal(outcomes[0]!.problem.code, 'invalid_credentials')
  assert.equal(outcomes[0]!.hashes, 1)
})

test('API2-10 ten wrong passwords from one address are followed by a wait, elsewhere the right one works', async (t) => {
  const shop = await openAccounts(t)
  await shop.register('a@x.org')
  for (let turn = 0; turn < 10; turn++)
    assert.equal((await attempt(shop, '203.0.113.1', 'wrong')).status, 401)
  const hashes = shop.users.hashLoad().finished
  const refused = await attempt(shop, '203.0.113.1', PASSWORD)
  assert.equal(refused.status, 429)
  assert.equal(refused.body.code, 'too_many_attempts')
  assert.equal(refused.headers.get('retry-after'), '30')
  assert.equal(shop.users.hashLoad().finished, hashes)
  assert.equal((await attempt(shop, '198.51.100.9', PASSWORD)).status, 200)
  shop.clock.turn(30_000)
  assert.equal((await attempt(shop, '203.0.113.1', PASSWORD)).status, 200)
  assert.equal((await attempt(shop, '203.0.113.1', 'wrong')).status, 401)
})

test('API4-19 a restart forgives nothing', async (t) => {
  const shop = await openAccounts(t)
  await shop.register('a@x.org')
  for (let turn = 0; turn < 10; turn++) await attempt(shop, '203.0.113.1', 'wrong')
  const restarted = await openAccounts(t, { storage: shop.storage })
  assert.equal((await attempt(restarted, '203.0.113.1', PASSWORD)).status, 429)
})

test('API2-11 a thousand addresses share the tries at one account, its usual network does not wait', async (t) => {
  const shop = await openAccounts(t)
  await shop.register('a@x.org')
  assert.equal((await attempt(shop, '198.51.100.9', PASSWORD)).status, 200)
  const before = shop.users.hashLoad().finished
  const statuses: number[] = []
  for (let host = 0; host < 1_000; host++) {
    const address = `10.0.${host >> 8}.${host & 255}`
    statuses.push((await attempt(shop, address, `guess ${host}`)).status)
  }
  const hashed = shop.users.hashLoad().finished - before
  assert.ok(hashed <= 60, `${hashed} passwords were looked at`)
  assert.equal(statuses.filter((status) => status === 429).length, 1_000 - hashed)
  assert.equal((await attempt(shop, '198.51.100.9', PASSWORD)).status, 200)
  shop.clock.turn(30_000)
  assert.equal((await attempt(shop, '192.0.2.200', PASSWORD)).status, 200)
})

test('tries at an account that does not exist are counted like those at one that does', async (t) => {
  const shop = await openAccounts(t)
  for (let turn = 0; turn < 10; turn++) await attempt(shop, '203.0.113.1', 'wrong', 'nobody@x.org')
  assert.equal((await attempt(shop, '203.0.113.1', 'wrong', 'NOBODY@x.org')).status, 429)
})

test('fifty tries at once do not all pass for the first', async (t) => {
  const shop = await openAccounts(t)
  await shop.register('a@x.org')
  const before = shop.users.hashLoad().finished
  await Promise.all(Array.from({ length: 50 }, (_, turn) => attempt(shop, '203.0.113.1', `wrong ${turn}`)))
  assert.ok(shop.users.hashLoad().finished - before <= 10)
})

test('one household with IPv6 counts as one network', async (t) => {
  const shop = await openAccounts(t)
  await shop.register('a@x.org')
  for (let turn = 0; turn < 10; turn++) await attempt(shop, `2001:db8:1:2::${turn + 1}`, 'wrong')
  assert.equal((await attempt(shop, '2001:db8:1:2:ffff::1', PASSWORD)).status, 429)
})

test('guessing the current password with a stolen access token meets the same wait', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await shop.register('a@x.org')
  const guess = () =>
    shop
      .as(access_token)
      .post('/auth/change-password', { current_password: 'guess', new_password: 'another one' })
  for (let turn = 0; turn < 10; turn++) assert.equal((await guess()).status, 401)
  assert.equal((await guess()).status, 429)
})

test('what is counted holds neither e-mails nor addresses, and goes when its time is over', async (t) => {
  const shop = await openAccounts(t)
  await attempt(shop, '203.0.113.1', 'wrong', 'canary@x.org')
  const counts = shop.storage.collection(LOGIN_ATTEMPTS)
  const { items } = await counts.list({ index: 'expires', limit: 100 })
  assert.equal(items.filter((item) => item.attempts === 1).length, 2)
  assert.doesNotMatch(JSON.stringify(items), /canary|203\.0/)
  shop.clock.turn(31 * 86_400_000)
  await shop.auth.sweep()
  assert.equal((await counts.list({ index: 'expires', limit: 100 })).items.length, 0)
})

test('API2-13 API2-14 credentials are two texts and nothing else', async (t) => {
  const shop = await openAccounts(t)
  const before = shop.users.hashLoad().finished
  const odd: unknown[] = [
    { email: { $gt: '' }, password: PASSWORD },
    { email: 'a@x.org', password: { $ne: null } },
    { email: ['a@x.org'], password: PASSWORD },
    { email: null, password: PASSWORD },
    { email: 12, password: PASSWORD },
    { email: 'a@x.org', password: PASSWORD, remember: true },
    { email: 'a@x.org' },
    [],
    'a@x.org',
    null,
  ]
  for (const body of odd) {
    const { status } = await shop.anon.post('/auth/login', body)
    assert.ok(status === 422 || status === 400, `${JSON.stringify(body)} ${status}`)
  }
  assert.equal(shop.users.hashLoad().finished, before)
})

test('API4-11 a storm of sign-ins is turned away with a time to come back, and passes', async (t) => {
  const shop = await openAccounts(t, { bcrypt_cost: 10 })
  const storm = await Promise.all(
    Array.from({ length: 200 }, (_, turn) => attempt(shop, `10.1.0.${turn}`, 'wrong', `u${turn}@x.org`)),
  )
  const busy = storm.filter(({ status }) => status === 503)
  assert.ok(busy.length > 0)
  assert.ok(storm.every(({ status }) => status === 401 || status === 503))
  assert.ok(busy.every(({ headers }) => Number(headers.get('retry-after')) >= 1))
  // Whoever waited too long has heard 503 while the hash was still being made.
  await until(() => shop.users.hashLoad().running === 0 && shop.users.hashLoad().waiting === 0)
  assert.equal((await attempt(shop, '10.1.1.1', 'wrong')).status, 401)
})

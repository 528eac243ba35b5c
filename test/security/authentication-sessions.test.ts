import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SESSIONS } from '../../src/shop/auth/schema.ts'
import { USERS } from '../../src/shop/users/schema.ts'
import { type Accounts, openAccounts, PASSWORD } from '../support/accounts.ts'

const refresh = (shop: Accounts, refresh_token: string) => shop.anon.post('/auth/refresh', { refresh_token })
const login = (shop: Accounts, email = 'a@x.org', password = PASSWORD) =>
  shop.anon.post('/auth/login', { email, password })

async function familiesOf(shop: Accounts, user_id: string) {
  return (await shop.storage.collection(SESSIONS).list({ index: 'user', equal: [user_id], limit: 100 })).items
}

test('a refresh gives the next pair, also to a client that sends its stale access token along', async (t) => {
  const shop = await openAccounts(t)
  const { access_token, refresh_token } = await shop.register('a@x.org')
  shop.clock.turn(900_000)
  const next = await shop.as(access_token).post('/auth/refresh', { refresh_token })
  assert.equal(next.status, 200)
  assert.notEqual(next.body.refresh_token, refresh_token)
  assert.equal((await shop.as(next.body.access_token).get('/auth/me')).status, 200)
})

test('API2-29 a refresh token used again after its grace ends the family and is logged', async (t) => {
  const shop = await openAccounts(t)
  const { refresh_token, user } = await shop.register('a@x.org')
  const { body: next } = await refresh(shop, refresh_token)
  shop.clock.turn(10_000)
  assert.equal((await refresh(shop, refresh_token)).status, 401)
  assert.equal((await refresh(shop, next.refresh_token)).status, 401)
  assert.equal((await shop.as(next.access_token).get('/auth/me')).status, 401)
  assert.deepEqual(await familiesOf(shop, user.id), [])
  const warned = shop.log.filter(([level, , message]) => level === 'warn' && message.includes('used twice'))
  assert.equal(warned.length, 1)
  assert.ok(!JSON.stringify(shop.log).includes(refresh_token))
})

test('API2-29 so does one that is older than the previous, within the grace of a later one', async (t) => {
  const shop = await openAccounts(t)
  const { refresh_token } = await shop.register('a@x.org')
  const { body: second } = await refresh(shop, refresh_token)
  const { body: third } = await refresh(shop, second.refresh_token)
  assert.equal((await refresh(shop, refresh_token)).status, 401)
  assert.equal((await refresh(shop, third.refresh_token)).status, 401)
})

test('an invented token of a known session ends nothing', async (t) => {
  const shop = await openAccounts(t)
  const { refresh_token } = await shop.register('a@x.org')
  const [id] = refresh_token.split('.')
  const invented = `${id}.${Buffer.alloc(48, 7).toString('base64url')}`
  assert.equal((await refresh(shop, invented)).status, 401)
  assert.equal((await refresh(shop, refresh_token)).status, 200)
})

test('API2-30 twenty at once refresh one token: one successor, the same pair for all', async (t) => {
  const shop = await openAccounts(t)
  const { refresh_token, user } = await shop.register('a@x.org')
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(shop, refresh_token)))
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]))
  assert.equal(new Set(answers.map((answer) => answer.body.refresh_token)).size, 1)
  assert.equal(new Set(answers.map((answer) => answer.body.access_token)).size, 1)
  assert.equal((await familiesOf(shop, user.id)).length, 1)
  assert.equal((await refresh(shop, answers[0]!.body.refresh_token)).status, 200)
})

test('API2-31 the pair is repeated by a server that was started after the rotation', async (t) => {
  const shop = await openAccounts(t)
  const { refresh_token } = await shop.register('a@x.org')
  const first = await refresh(shop, refresh_token)
  const other = await openAccounts(t, { storage: shop.storage })
  const repeated = await refresh(other, refresh_token)
  assert.equal(repeated.status, 200)
  assert.equal(repeated.body.refresh_token, first.body.refresh_token)
})

test('what is stored of a session signs nobody in', async (t) => {
  const shop = await openAccounts(t)
  const { refresh_token, user } = await shop.register('a@x.org')
  const { body } = await refresh(shop, refresh_token)
  const stored = JSON.stringify(await familiesOf(shop, user.id))
  for (const secret of [refresh_token, body.refresh_token, body.access_token]) {
    for (const part of secret.split('.').slice(1)) assert.ok(!stored.includes(part))
  }
})

test('a family that is refreshed all the time is asked to wait', async (t) => {
  const shop = await openAccounts(t)
  let { refresh_token } = await shop.register('a@x.org')
  for (let turn = 0; turn < 20; turn++)
    refresh_token = (await refresh(shop, refresh_token)).body.refresh_token
  const refused = await refresh(shop, refresh_token)
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  shop.clock.turn(60_000)
  assert.equal((await refresh(shop, refresh_token)).status, 200)
})

test('API2-27 a deactivated user is out within five seconds, on the routes of staff at once', async (t) => {
  const shop = await openAccounts(t)
  const staff = await shop.superAdmin()
  const { user, access_token, refresh_token } = await shop.register('a@x.org')
  await staff.patch(`/users/${user.id}`, { role: 'admin' })
  const me = shop.as(access_token)
  assert.equal((await me.get('/users')).status, 200)
  assert.equal((await me.get('/auth/me')).status, 200)
  await staff.patch(`/users/${user.id}`, { role: 'customer' })
  assert.equal((await me.get('/users')).status, 403)
  await staff.patch(`/users/${user.id}`, { status: 'deactivated' })
  assert.equal((await me.get('/users')).status, 401)
  shop.clock.turn(5_000)
  assert.equal((await me.get('/auth/me')).status, 401)
  assert.equal((await refresh(shop, refresh_token)).status, 401)
  const { status, body } = await login(shop)
  assert.equal(status, 403)
  assert.equal(body.code, 'account_deactivated')
  await staff.patch(`/users/${user.id}`, { status: 'active' })
  assert.equal((await refresh(shop, refresh_token)).status, 401)
  assert.equal((await login(shop)).status, 200)
})

test('API2-28 after logout neither token is worth anything', async (t) => {
  const shop = await openAccounts(t)
  const { access_token, refresh_token } = await shop.register('a@x.org')
  const other = (await login(shop)).body
  const me = shop.as(access_token)
  assert.equal((await me.post('/auth/logout')).status, 204)
  assert.equal((await me.get('/auth/me')).status, 401)
  assert.equal((await refresh(shop, refresh_token)).status, 401)
  assert.equal((await shop.as(other.access_token).get('/auth/me')).status, 200)
})

test('signing out everywhere ends every session, also one that another server remembers', async (t) => {
  const shop = await openAccounts(t)
  const elsewhere = await openAccounts(t, { storage: shop.storage })
  const { access_token, user } = await shop.register('a@x.org')
  const devices = [
    access_token,
    (await login(shop)).body.access_token,
    (await login(elsewhere)).body.access_token,
  ]
  for (const token of devices) assert.equal((await elsewhere.as(token).get('/auth/me')).status, 200)
  assert.equal((await shop.as(access_token).post('/auth/logout-all')).status, 204)
  elsewhere.clock.turn(5_000)
  for (const token of devices) assert.equal((await elsewhere.as(token).get('/auth/me')).status, 401)
  assert.deepEqual(await familiesOf(shop, user.id), [])
})

test('API2-32 a new password ends all sessions but the one that is opened for who changed it', async (t) => {
  const shop = await openAccounts(t)
  const { access_token, refresh_token } = await shop.register('a@x.org')
  const other = (await login(shop)).body
  const change = { current_password: PASSWORD, new_password: 'another password' }
  const changed = await shop.as(access_token).post('/auth/change-password', change)
  assert.equal(changed.status, 200)
  for (const token of [access_token, other.access_token]) {
    assert.equal((await shop.as(token).get('/auth/me')).status, 401)
  }
  for (const token of [refresh_token, other.refresh_token])
    assert.equal((await refresh(shop, token)).status, 401)
  assert.equal((await shop.as(changed.body.access_token).get('/auth/me')).status, 200)
  assert.equal((await refresh(shop, changed.body.refresh_token)).status, 200)
  assert.equal((await login(shop)).status, 401)
  assert.equal((await login(shop, 'a@x.org', 'another password')).status, 200)
})

test('API2-33 nobody changes a password without knowing it', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await shop.register('a@x.org')
  const me = shop.as(access_token)
  const change = { current_password: 'not this one', new_password: 'another password' }
  assert.equal((await me.post('/auth/change-password', change)).status, 401)
  assert.equal((await me.post('/auth/change-password', { new_password: 'another password' })).status, 422)
  const tooShort = { current_password: PASSWORD, new_password: 'no' }
  assert.equal((await me.post('/auth/change-password', tooShort)).body.errors[0].pointer, '/new_password')
  assert.equal((await login(shop)).status, 200)
})

test('a new password is another one, and the old one changes nothing', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await shop.register('a@x.org')
  const me = shop.as(access_token)
  const same = { current_password: 'pâssword', new_password: 'pa\u0302ssword' }
  for (const change of [{ current_password: PASSWORD, new_password: PASSWORD }, same]) {
    const { status, body } = await me.post('/auth/change-password', change)
    assert.deepEqual([status, body.code], [422, 'same_password'])
  }
  assert.equal((await me.get('/auth/me')).status, 200)
})

test('a sign-in with the old password that is under way ends with the old password', async (t) => {
  const shop = await openAccounts(t)
  const { access_token, user } = await shop.register('a@x.org')
  const change = { current_password: PASSWORD, new_password: 'another password' }
  const [changed, ...logins] = await Promise.all([
    shop.as(access_token).post('/auth/change-password', change),
    ...Array.from({ length: 5 }, () => login(shop)),
  ])
  assert.equal(changed.status, 200)
  const { session_epoch } = (await shop.storage.collection(USERS).get(user.id))!
  for (const { status, body } of logins) {
    if (status === 200) shop.clock.turn(5_000)
    if (status === 200) assert.equal((await shop.as(body.access_token).get('/auth/me')).status, 401)
  }
  assert.equal(session_epoch, 2)
  assert.equal((await shop.as(changed.body.access_token).get('/auth/me')).status, 200)
})

test('API2-35 tokens leave in bodies that nothing keeps, no cookie carries them', async (t) => {
  const shop = await openAccounts(t)
  await shop.register('a@x.org')
  const { headers } = await login(shop)
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.ok(!(headers.get('set-cookie') ?? '').includes('ses_'))
})

test('API2-39 the token of an account that is gone is worth nothing', async (t) => {
  const shop = await openAccounts(t)
  const { access_token, user } = await shop.register('a@x.org')
  await shop.storage.collection(USERS).remove(user.id, user.version)
  const { status, text } = await shop.as(access_token).get('/auth/me')
  assert.equal(status, 401)
  assert.doesNotMatch(text, /a@x\.org/)
})

test('sessions whose time is over are swept, and sign nobody in before', async (t) => {
  const shop = await openAccounts(t)
  const { refresh_token, user } = await shop.register('a@x.org')
  shop.clock.turn(30 * 86_400_000)
  assert.equal((await familiesOf(shop, user.id)).length, 1)
  await shop.auth.sweep()
  assert.equal((await familiesOf(shop, user.id)).length, 0)
  assert.equal((await refresh(shop, refresh_token)).status, 401)
})

test('an account has a hundred sessions at most, the oldest go first', async (t) => {
  const shop = await openAccounts(t)
  const { user, refresh_token } = await shop.register('a@x.org')
  const known = (await shop.users.find(user.id))!
  for (let device = 0; device < 101; device++)
    await shop.auth.login(
      { email: known.email, password: PASSWORD },
      { principal: { kind: 'anonymous', id: null }, network: 'x' },
    )
  assert.equal((await familiesOf(shop, user.id)).length, 100)
  assert.equal((await refresh(shop, refresh_token)).status, 401)
})

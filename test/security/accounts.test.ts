import assert from 'node:assert/strict'
import { test } from 'node:test'
import { USERS } from '../../src/shop/users/schema.ts'
import { ADMIN, openAccounts, PASSWORD } from '../support/accounts.ts'

const USER_FIELDS = [
  'id',
  'email',
  'email_verified_at',
  'name',
  'role',
  'status',
  'last_login_at',
  'version',
  'created_at',
  'updated_at',
].sort()

test('a customer signs up, in and out', async (t) => {
  const shop = await openAccounts(t)
  const registered = await shop.register('Ada@X.org')
  assert.equal(registered.user.email, 'ada@x.org')
  assert.equal(registered.user.role, 'customer')
  assert.equal(registered.token_type, 'bearer')
  assert.equal(registered.expires_in, 900)
  const login = await shop.anon.post('/auth/login', { email: 'ADA@x.org', password: PASSWORD })
  assert.equal(login.status, 200)
  assert.equal(login.headers.get('cache-control'), 'no-store')
  const me = shop.as(login.body.access_token)
  assert.equal((await me.get('/auth/me')).body.id, registered.user.id)
  assert.equal((await me.post('/auth/logout')).status, 204)
  assert.equal((await me.get('/auth/me')).status, 401)
})

test('API2-09 a taken e-mail is told when signing up', async (t) => {
  const shop = await openAccounts(t)
  await shop.register('a@x.org')
  const again = await shop.anon.post('/auth/register', { email: 'a@x.org', password: PASSWORD, name: 'B' })
  assert.equal(again.status, 409)
  assert.equal(again.body.code, 'email_taken')
})

test('API2-12 variants of one e-mail are one account, also when they come at once', async (t) => {
  const shop = await openAccounts(t)
  const variants = ['caf\u00e9@x.org', 'CAFE\u0301@x.org', 'Caf\u00e9@X.ORG', ' cafe\u0301@x.org']
  const answers = await Promise.all(
    variants.map((email) => shop.anon.post('/auth/register', { email, password: PASSWORD, name: 'C' })),
  )
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409, 409, 409])
})

test('API2-05 a password of a megabyte is refused before any hash', async (t) => {
  const shop = await openAccounts(t)
  const before = shop.users.hashLoad().finished
  const huge = { email: 'a@x.org', password: 'x'.repeat(1_000_000), name: 'A' }
  assert.equal((await shop.anon.post('/auth/register', huge)).status, 413)
  assert.equal(
    (await shop.anon.post('/auth/login', { email: 'a@x.org', password: 'x'.repeat(1_025) })).status,
    422,
  )
  assert.equal(shop.users.hashLoad().finished, before)
})

test('API2-06 in production a password has ten characters and is not a common one', async (t) => {
  const shop = await openAccounts(t, { strict_passwords: true })
  for (const password of ['short', 'qwerty12345', 'Tradewind2024']) {
    const { status, body } = await shop.anon.post('/auth/register', { email: 'a@x.org', password, name: 'A' })
    assert.equal(status, 422, password)
    assert.equal(body.errors[0].pointer, '/password')
  }
})

test('API2-07 API2-01 long passwords of one kind of letter are taken, and count to the last', async (t) => {
  const shop = await openAccounts(t, { strict_passwords: true })
  await shop.register('a@x.org', 'vkqhzmxwtrpfjdnlgbcyosaeuivkqh')
  const long = `${'m'.repeat(20)}${'q'.repeat(20)}${'z'.repeat(24)}`
  await shop.register('b@x.org', long)
  const login = (password: string) => shop.anon.post('/auth/login', { email: 'b@x.org', password })
  assert.equal((await login(long)).status, 200)
  assert.equal((await login(long.slice(0, 63))).status, 401)
})

test('API2-02 API2-03 API2-04 what follows 72 bytes or a NUL counts', async (t) => {
  const shop = await openAccounts(t)
  const beginnings = ['a'.repeat(72), '😀'.repeat(18), 'ä'.repeat(36), 'before\u0000after']
  for (const [index, beginning] of beginnings.entries()) {
    const email = `p${index}@x.org`
    await shop.register(email, `${beginning}-one`)
    assert.equal((await shop.anon.post('/auth/login', { email, password: `${beginning}-two` })).status, 401)
    assert.equal((await shop.anon.post('/auth/login', { email, password: `${beginning}-one` })).status, 200)
  }
})

test('API3-01 API3-02 API3-03 nobody gives themselves a role or touches what is inside', async (t) => {
  const shop = await openAccounts(t)
  const body = { email: 'a@x.org', password: PASSWORD, name: 'A' }
  assert.equal((await shop.anon.post('/auth/register', { ...body, role: 'admin' })).status, 422)
  const { access_token } = await shop.register('a@x.org')
  const me = shop.as(access_token)
  const before = (await me.get('/auth/me')).body
  const attempts: object[] = [
    { role: 'admin' },
    { password: 'x' },
    { passwordHash: 'x' },
    { _id: 'usr_x' },
    { id: 'usr_x' },
    { createdAt: '2020' },
    { emailVerified: true },
    { email: 'other@x.org' },
    { session_epoch: 0 },
    { status: 'active' },
    { 'profile.role': 'admin' },
    { $set: { role: 'admin' } },
    { profile: { role: 'admin' } },
  ]
  for (const attempt of attempts) {
    const { status, body: problem } = await me.patch('/auth/me', { name: 'B', ...attempt })
    assert.equal(status, 422, JSON.stringify(attempt))
    assert.equal(problem.code, 'invalid_body')
  }
  assert.deepEqual((await me.get('/auth/me')).body, before)
})

test('API3-07 an answer holds exactly the fields of an account, never a hash or a flag', async (t) => {
  const shop = await openAccounts(t)
  const { access_token, user } = await shop.register('a@x.org')
  const me = shop.as(access_token)
  const staff = await shop.superAdmin()
  const answers = [
    await me.get('/auth/me'),
    await me.patch('/auth/me', { name: 'New Name' }),
    await staff.get(`/users/${user.id}`),
    await staff.patch(`/users/${user.id}`, { role: 'admin' }),
  ]
  for (const { body } of answers) assert.deepEqual(Object.keys(body).sort(), USER_FIELDS)
  const all = [
    ...answers,
    await staff.get('/users'),
    await shop.anon.post('/auth/login', { email: 'a@x.org', password: PASSWORD }),
  ]
  for (const { text } of all) assert.doesNotMatch(text, /\$2b\$|hmac-sha|password|epoch|name_key|sequences/)
})

test('API3-11 nothing but the documented parameters chooses what a list shows', async (t) => {
  const shop = await openAccounts(t)
  const staff = await shop.superAdmin()
  for (const query of [
    'fields=password',
    'sort=password',
    'expand=user',
    'filter[role]=admin',
    'role=root',
    'limit=101',
  ]) {
    assert.equal((await staff.get(`/users?${query}`)).status, 400, query)
  }
})

test('API8-15 a name is text, markup stays what it is', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await shop.register('a@x.org')
  const name = '<img src=x onerror=alert(1)>'
  const { body, headers } = await shop.as(access_token).patch('/auth/me', { name })
  assert.equal(body.name, name)
  assert.match(headers.get('content-type') ?? '', /^application\/json/)
})

test('a profile is changed against the version that was read', async (t) => {
  const shop = await openAccounts(t)
  const me = shop.as((await shop.register('a@x.org')).access_token)
  const etag = (await me.get('/auth/me')).headers.get('etag')!
  assert.equal((await me.patch('/auth/me', { name: 'One' }, { 'if-match': etag })).status, 200)
  assert.equal((await me.patch('/auth/me', { name: 'Two' }, { 'if-match': etag })).status, 412)
  assert.equal((await me.patch('/auth/me', { name: 'Three' })).body.name, 'Three')
})

test('signing in changes no version that people edit against', async (t) => {
  const shop = await openAccounts(t)
  const { user } = await shop.register('a@x.org')
  for (let turn = 0; turn < 3; turn++)
    await shop.anon.post('/auth/login', { email: 'a@x.org', password: PASSWORD })
  assert.equal((await shop.users.get(user.id)).version, user.version)
})

test('events of accounts carry ids and figures, nothing of the person', async (t) => {
  const shop = await openAccounts(t)
  const registered = await shop.register('canary-mail@x.org', 'canary-password')
  const me = shop.as(registered.access_token)
  await me.patch('/auth/me', { name: 'Canary Name' })
  await shop
    .client({ 'x-forwarded-for': '203.0.113.77' })
    .post('/auth/login', { email: 'canary-mail@x.org', password: 'canary-password' })
  const staff = await shop.superAdmin()
  await staff.patch(`/users/${registered.user.id}`, { role: 'admin' })
  await staff.patch(`/users/${registered.user.id}`, { status: 'deactivated' })
  const entries = await shop.storage.outbox.read(0, 100)
  const own = entries.filter(({ event }) => event.partitionkey === registered.user.id)
  assert.deepEqual(
    own.map(({ event }) => [event.type, event.subject.split('/')[0], event.sequence]),
    [
      ['user_registered', 'users', 1],
      ['profile_updated', 'users', 2],
      ['user_login', 'sessions', 1],
      ['user_role_changed', 'users', 3],
      ['user_deactivated', 'users', 4],
    ],
  )
  assert.doesNotMatch(entries.map(({ json }) => json).join(), /canary|203\.0\.113|@|Administrator/i)
  assert.ok(own.every(({ event }) => event.actor.startsWith('usr_')))
})

test('API2-38 a hash made with less work than configured is made anew at sign-in', async (t) => {
  const shop = await openAccounts(t)
  const { user } = await shop.register('a@x.org')
  const dearer = await openAccounts(t, { storage: shop.storage, bcrypt_cost: 6 })
  assert.equal((await dearer.anon.post('/auth/login', { email: 'a@x.org', password: PASSWORD })).status, 200)
  assert.match((await shop.storage.collection(USERS).get(user.id))!.password, /\$2b\$06\$/)
  assert.equal((await dearer.anon.post('/auth/login', { email: 'a@x.org', password: PASSWORD })).status, 200)
})

test('the first administrator is made once', async (t) => {
  const shop = await openAccounts(t)
  const again = await openAccounts(t, { storage: shop.storage })
  const staff = await again.superAdmin()
  const { body } = await staff.get('/users?role=super_admin&include=total')
  assert.deepEqual(body.total, { value: 1, relation: 'eq' })
  assert.equal(body.items[0].email, ADMIN.email)
})

test('the cart of a guest comes along at sign-up and sign-in, and the guest session ends', async (t) => {
  const shop = await openAccounts(t)
  const session = { 'x-session-id': 'g'.repeat(43) }
  const guest = shop.client(session)
  const signUp = await guest.post('/auth/register', { email: 'a@x.org', password: PASSWORD, name: 'A' })
  const signIn = await guest.post('/auth/login', { email: 'a@x.org', password: PASSWORD })
  assert.equal(shop.merged.length, 2)
  assert.ok(shop.merged.every(([from, to]) => from.id.startsWith('guest:') && to.id === signUp.body.user.id))
  assert.match(signIn.headers.get('set-cookie') ?? '', /session_id=;.*Max-Age=0/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { USERS } from '../../src/shop/users/schema.ts'
import { ADMIN, openAccounts, PASSWORD } from '../support/accounts.ts'

const STAFF = { email: 'staff@tests.example', password: PASSWORD, name: 'Staff', role: 'admin' }

async function openStaffed(t: Parameters<typeof openAccounts>[0]) {
  const shop = await openAccounts(t)
  const owner = await shop.superAdmin()
  const made = await owner.post('/users', STAFF)
  assert.equal(made.status, 201)
  assert.equal(made.headers.get('location'), `/users/${made.body.id}`)
  const { body } = await shop.anon.post('/auth/login', { email: STAFF.email, password: PASSWORD })
  return { shop, owner, staff: shop.as(body.access_token), staff_id: made.body.id as string }
}

test('API1-10 API5-05 a customer sees and changes no account but the own', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await shop.register('a@x.org')
  const other = await shop.register('b@x.org')
  const me = shop.as(access_token)
  for (const path of ['/users', `/users/${other.user.id}`, `/users/${newId('usr')}`]) {
    assert.equal((await me.get(path)).status, 403, path)
    assert.equal((await shop.anon.get(path)).status, 401, path)
  }
  const change = { name: 'Taken over' }
  assert.equal((await me.patch(`/users/${other.user.id}`, change)).status, 403)
  assert.equal((await me.post('/users', { ...STAFF })).status, 403)
  assert.equal((await shop.users.get(other.user.id)).name, other.user.name)
})

test('API5-03 an administrator reads accounts and changes none', async (t) => {
  const { shop, staff, staff_id } = await openStaffed(t)
  const { user } = await shop.register('a@x.org')
  assert.equal((await staff.get('/users')).status, 200)
  assert.equal((await staff.get(`/users/${user.id}`)).status, 200)
  assert.equal((await staff.post('/users', { ...STAFF, email: 'c@x.org' })).status, 403)
  for (const id of [user.id, staff_id]) {
    for (const change of [{ role: 'super_admin' }, { status: 'deactivated' }, { name: 'X' }]) {
      assert.equal((await staff.patch(`/users/${id}`, change)).status, 403)
    }
  }
})

test('API5-11 nobody sets the password of an account that exists', async (t) => {
  const { shop, owner } = await openStaffed(t)
  const { user } = await shop.register('a@x.org')
  const { status, body } = await owner.patch(`/users/${user.id}`, { password: 'chosen by super' })
  assert.equal(status, 422)
  assert.equal(body.errors[0].code, 'unknown_field')
  assert.equal((await shop.anon.post('/auth/login', { email: 'a@x.org', password: PASSWORD })).status, 200)
})

test('API5-12 the last super_admin is neither demoted nor deactivated', async (t) => {
  const { shop, owner } = await openStaffed(t)
  const me = (await owner.get('/auth/me')).body
  for (const [change, code] of [
    [{ role: 'admin' }, 'last_super_admin'],
    [{ role: 'customer', name: 'X' }, 'last_super_admin'],
    [{ status: 'deactivated' }, 'own_account'],
  ]) {
    const { status, body } = await owner.patch(`/users/${me.id}`, change)
    assert.deepEqual([status, body.code], [409, code])
  }
  assert.equal((await shop.users.get(me.id)).version, me.version)
  const second = await owner.post('/users', { ...STAFF, email: 'second@x.org', role: 'super_admin' })
  assert.equal(second.status, 201)
  const own = await owner.patch(`/users/${me.id}`, { status: 'deactivated' })
  assert.deepEqual([own.status, own.body.code], [409, 'own_account'])
  assert.equal((await owner.patch(`/users/${me.id}`, { role: 'customer' })).status, 200)
  assert.equal((await owner.get('/users')).status, 403)
})

test('API5-12 of super_admins who demote each other at once, one remains', async (t) => {
  const { shop, owner } = await openStaffed(t)
  const first = (await owner.get('/auth/me')).body
  const credentials = { ...STAFF, email: 'second@x.org', role: 'super_admin' }
  const second = (await owner.post('/users', credentials)).body
  const { body } = await shop.anon.post('/auth/login', { email: 'second@x.org', password: PASSWORD })
  const other = shop.as(body.access_token)
  const answers = await Promise.all([
    owner.patch(`/users/${second.id}`, { role: 'admin' }),
    other.patch(`/users/${first.id}`, { status: 'deactivated' }),
    owner.patch(`/users/${first.id}`, { role: 'customer' }),
  ])
  const { items } = await shop.users.list({ role: 'super_admin', status: 'active', limit: 10 })
  assert.ok(items.length >= 1, JSON.stringify(answers.map(({ status }) => status)))
})

test('a super_admin whose promotion was cut off does not count as one', async (t) => {
  const { shop, owner } = await openStaffed(t)
  const me = (await owner.get('/auth/me')).body
  const half = (await owner.post('/users', { ...STAFF, email: 'half@x.org', role: 'super_admin' })).body
  const users = shop.storage.collection(USERS)
  await users.replace({ ...(await users.get(half.id))!, role: 'admin' })
  assert.equal((await owner.patch(`/users/${me.id}`, { role: 'admin' })).status, 409)
})

test('API5-13 a role that was taken back is gone at once where it mattered', async (t) => {
  const { owner, staff, staff_id } = await openStaffed(t)
  const statuses: number[] = []
  for (let turn = 0; turn < 10; turn++) {
    if (turn === 5) await owner.patch(`/users/${staff_id}`, { role: 'customer' })
    statuses.push((await staff.get('/users')).status)
  }
  assert.deepEqual(statuses, [...Array(5).fill(200), ...Array(5).fill(403)])
})

test('accounts are found by the beginning of a name or an e-mail, each once, page by page', async (t) => {
  const { shop, owner } = await openStaffed(t)
  const people = [
    ['ann@x.org', 'Zoe'],
    ['zed@x.org', 'Ann Other'],
    ['annie@x.org', 'Ännchen'],
    ['anna@x.org', 'ANNA'],
    ['bob@x.org', 'Hannah'],
  ]
  for (const [email, name] of people) {
    await shop.anon.post('/auth/register', { email, password: PASSWORD, name })
  }
  const found: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { status, body } = await owner.get(`/users?q=Ann&limit=2${cursor && `&cursor=${cursor}`}`)
    assert.equal(status, 200)
    found.push(...body.items.map((user: { email: string }) => user.email))
    cursor = body.next_cursor
  }
  assert.deepEqual(found, ['zed@x.org', 'anna@x.org', 'ann@x.org', 'annie@x.org'])
  assert.deepEqual((await owner.get('/users?q=ann&include=total')).body.total, { value: 4, relation: 'eq' })
  assert.deepEqual((await owner.get('/users?q=%25')).body.items, [])
})

test('accounts are listed newest first, by role and by status', async (t) => {
  const { shop, owner } = await openStaffed(t)
  const { user } = await shop.register('a@x.org')
  await shop.register('b@x.org')
  await owner.patch(`/users/${user.id}`, { status: 'deactivated' })
  const emails = async (query: string) =>
    (await owner.get(`/users?${query}`)).body.items.map((one: { email: string }) => one.email)
  assert.deepEqual(await emails(''), ['b@x.org', 'a@x.org', STAFF.email, ADMIN.email])
  assert.deepEqual(await emails('role=customer'), ['b@x.org', 'a@x.org'])
  assert.deepEqual(await emails('role=customer&status=active'), ['b@x.org'])
  assert.deepEqual(await emails('status=deactivated'), ['a@x.org'])
  const page = (await owner.get('/users?limit=1')).body
  assert.equal((await owner.get(`/users?limit=1&role=admin&cursor=${page.next_cursor}`)).status, 400)
  assert.equal((await owner.get('/users?cursor=bm9wZQ')).status, 400)
})

test('API1-16 an id that is none is not there', async (t) => {
  const { owner } = await openStaffed(t)
  for (const id of [
    '[object Object]',
    '%00',
    '..%2fadmin',
    'x'.repeat(10_000),
    '%7B%22$gt%22:%22%22%7D',
    'USR_X',
  ]) {
    const { status } = await owner.get(`/users/${id}`)
    assert.ok(status === 404 || status === 400 || status === 414, `${id.slice(0, 20)} ${status}`)
  }
})

test('a change is made against the version that was read, and one that changes nothing tells nothing', async (t) => {
  const { shop, owner } = await openStaffed(t)
  const { user } = await shop.register('a@x.org')
  const { headers } = await owner.get(`/users/${user.id}`)
  const match = { 'if-match': headers.get('etag')! }
  assert.equal((await owner.patch(`/users/${user.id}`, { name: 'One' }, match)).body.version, 2)
  assert.equal((await owner.patch(`/users/${user.id}`, { name: 'Two' }, match)).status, 412)
  assert.equal((await owner.patch(`/users/${user.id}`, { name: 'One', role: 'customer' })).body.version, 2)
  const told = (await shop.storage.outbox.read(0, 100)).filter(
    ({ event }) => event.subject === `users/${user.id}`,
  )
  assert.deepEqual(
    told.map(({ event }) => event.type),
    ['user_registered', 'profile_updated'],
  )
})

test('whoever is found by the e-mail alone is found behind a thousand who are found by the name', async (t) => {
  const { shop, owner } = await openStaffed(t)
  const users = shop.storage.collection(USERS)
  const [someone] = (await users.list({ index: 'created', limit: 1 })).items
  const people = Array.from({ length: 1_200 }, (_, at) => {
    const name = at === 1_199 ? 'Zoe' : `Amy ${at}`
    const email = `amy-${String(at).padStart(4, '0')}@x.org`
    return { ...someone!, id: newId('usr'), email, name, name_key: name.toLowerCase() }
  })
  await users.insertMany(people)
  const found: string[] = []
  const lengths: number[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body } = await owner.get(`/users?q=amy&limit=100${cursor && `&cursor=${cursor}`}`)
    if (body.next_cursor !== null) lengths.push(body.items.length)
    found.push(...body.items.map((user: { email: string }) => user.email))
    cursor = body.next_cursor
  }
  assert.equal(found.length, people.length)
  assert.equal(new Set(found).size, people.length)
  assert.equal(found.at(-1), 'amy-1199@x.org')
  // One request looks through a thousand of them at most.
  assert.deepEqual(lengths, [...Array(11).fill(100), 99])
})

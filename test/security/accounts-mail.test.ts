import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLinks } from '../../src/shop/auth/links.ts'
import { stampOf } from '../../src/shop/users/rules.ts'
import { USERS } from '../../src/shop/users/schema.ts'
import { type Accounts, openAccounts, PASSWORD, SECRET } from '../support/accounts.ts'
import { sendRaw, statusOf } from '../support/http-raw.ts'
import { tokenIn } from '../support/mailer.ts'
import { crowd } from '../support/pair.ts'
import { tapped } from '../support/tapped-storage.ts'

const NEW = 'another password of tests'
const ANN = 'ann@x.org'
const MINUTE = 60_000

/** Asks for a new password and opens the mail that comes. */
async function forgotten(shop: Accounts, email = ANN): Promise<string> {
  const { status, body } = await shop.anon.post('/auth/forgot-password', { email })
  assert.deepEqual([status, body], [202, { status: 'accepted' }])
  return tokenIn((await shop.mailed()).at(-1)!)
}

const reset = (shop: Accounts, token: string, new_password = NEW) =>
  shop.anon.post('/auth/reset-password', { token, new_password })
const login = (shop: Accounts, password: string, email = ANN) =>
  shop.anon.post('/auth/login', { email, password })

async function refusesLink(answer: Promise<{ status: number; body: { code: string } }>): Promise<void> {
  const { status, body } = await answer
  assert.deepEqual([status, body.code], [400, 'link_not_valid'])
}

test('API2-34 a link sets a new password once, ends every session and verifies the address', async (t) => {
  const shop = await openAccounts(t)
  const { access_token, refresh_token, user } = await shop.register(ANN)
  assert.equal(user.email_verified_at, null)
  const token = await forgotten(shop)
  assert.equal((await reset(shop, token)).status, 204)
  assert.equal((await login(shop, PASSWORD)).status, 401)
  const { status, body } = await login(shop, NEW)
  assert.equal(status, 200)
  assert.ok(body.user.email_verified_at)
  assert.equal((await shop.as(access_token).get('/auth/me')).status, 401)
  assert.equal((await shop.anon.post('/auth/refresh', { refresh_token })).status, 401)
  await refusesLink(reset(shop, token, 'a third password'))
  assert.equal((await login(shop, NEW)).status, 200)
})

test('API2-34 of many who use one link at once, one sets the password', async (t) => {
  const shop = await openAccounts(t)
  await shop.register(ANN)
  const token = await forgotten(shop)
  const passwords = Array.from({ length: crowd(10) }, (_, index) => `password number ${index}`)
  const answers = await Promise.all(passwords.map((password) => reset(shop, token, password)))
  const won = answers.flatMap(({ status }, index) => (status === 204 ? [passwords[index]!] : []))
  assert.equal(won.length, 1)
  assert.equal((await login(shop, won[0]!)).status, 200)
})

test('API2-34 a link is void after 30 minutes, after another change and for whoever it is not for', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await shop.register(ANN)
  const late = await forgotten(shop)
  shop.clock.turn(30 * MINUTE + 1)
  await refusesLink(reset(shop, late))
  const overtaken = await forgotten(shop)
  const change = { current_password: PASSWORD, new_password: NEW }
  assert.equal((await shop.as(access_token).post('/auth/change-password', change)).status, 401)
  const me = shop.as((await login(shop, PASSWORD)).body.access_token)
  assert.equal((await me.post('/auth/change-password', change)).status, 200)
  await refusesLink(reset(shop, overtaken, 'a third password'))
  assert.equal((await login(shop, NEW)).status, 200)
})

test('API2-34 a link that was altered, made up, or made for something else is worth nothing', async (t) => {
  const shop = await openAccounts(t)
  const [ann, bob] = [await shop.register(ANN), await shop.register('bob@x.org')]
  const token = await forgotten(shop)
  const [said = '', mark = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(said, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify({ ...claims, user_id: bob.user.id })).toString('base64url')
  const found = await shop.storage.collection(USERS).getMany([ann.user.id, bob.user.id])
  const user = found.find(({ id }) => id === ann.user.id)!
  const clock = { now: () => Date.now() }
  const foreign = createLinks({ keys: { current: `not ${SECRET}` }, users: { stampOf }, clock })
  const own = createLinks({ keys: { current: SECRET }, users: { stampOf }, clock })
  const bad = [
    ...[`${forged}.${mark}`, `${said}.${mark}A`, `${said}.`, `.${mark}`, said, `${token}.${mark}`, 'x'],
    ...[foreign.token('reset', user), own.token('verify', user), ann.access_token],
  ]
  for (const one of bad) await refusesLink(reset(shop, one))
  assert.equal((await login(shop, PASSWORD)).status, 200)
  assert.equal((await login(shop, PASSWORD, 'bob@x.org')).status, 200)
  const before = shop.users.hashLoad().finished
  await refusesLink(reset(shop, 'x'))
  assert.equal(shop.users.hashLoad().finished, before, 'no hash is computed for a link that is not good')
  const short = await reset(shop, token, 'abc')
  assert.deepEqual([short.status, short.body.errors[0].pointer], [422, '/new_password'])
  assert.equal((await reset(shop, token)).status, 204, 'a password that was too short did not use it up')
})

test('API2-34 who asks for an unknown address hears the same, after the same work', async (t) => {
  const shop = await openAccounts(t)
  await shop.register(ANN)
  const calls: string[] = []
  const seen = tapped(shop.storage, (call, run) => {
    calls.push(`${call.target} ${call.operation}`)
    return run()
  })
  const watched = await openAccounts(t, { storage: seen })
  const work = async (email: string) => {
    calls.length = 0
    const { status, text, headers } = await watched.anon.post('/auth/forgot-password', { email })
    assert.deepEqual([status, text], [202, '{"status":"accepted"}'])
    assert.equal(headers.get('cache-control'), 'no-store')
    return [...calls]
  }
  const known = await work(ANN)
  assert.deepEqual(await work('nobody@x.org'), known)
  assert.ok(known.includes('mails insertMany'))
})

test('API4-21 the fourth mail of an hour is promised like the others and not sent', async (t) => {
  const shop = await openAccounts(t)
  await shop.register(ANN)
  for (let asked = 0; asked < 4; asked++) {
    const { status } = await shop.anon.post('/auth/forgot-password', { email: asked % 2 ? ANN : 'Ann@X.org' })
    assert.equal(status, 202)
  }
  assert.equal((await shop.mailed()).length, 3)
  shop.clock.turn(61 * MINUTE)
  await forgotten(shop)
  assert.equal((await shop.mailed()).length, 4)
})

async function tokenOfLast(shop: Accounts): Promise<string> {
  return tokenIn((await shop.mailed()).at(-1)!)
}

test('API8-10 a link leads to the configured address, whatever the request says of itself', async (t) => {
  const shop = await openAccounts(t)
  await shop.register(ANN)
  const body = JSON.stringify({ email: ANN })
  const lies = ['Host: evil.example', 'X-Forwarded-Host: evil.example', 'Forwarded: host=evil.example']
  const head = [
    ...lies,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ]
  const request = ['POST /auth/forgot-password HTTP/1.1', ...head, '', body].join('\r\n')
  assert.equal(statusOf(await sendRaw(shop.url, request)), 202)
  const [mail] = await shop.mailed()
  assert.match(mail!.text, /\nhttps:\/\/shop\.tests\.example\/reset-password#token=/)
  assert.ok(!`${mail!.text}${mail!.html}`.includes('evil'))
})

test('API2-33 an e-mail changes with the password and the link that goes to the new address', async (t) => {
  const shop = await openAccounts(t)
  const { access_token, user } = await shop.register(ANN)
  const me = shop.as(access_token)
  const ask = (new_email: string, current_password = PASSWORD) =>
    me.post('/auth/change-email', { new_email, current_password })
  const wrong = await ask('new@x.org', 'not the password')
  assert.deepEqual([wrong.status, wrong.body.code], [401, 'wrong_password'])
  assert.equal((await me.post('/auth/change-email', { new_email: 'new@x.org' })).status, 422)
  assert.equal((await ask('no address')).status, 422)
  assert.equal((await shop.mailed()).length, 0)

  assert.equal((await ask('New@x.org')).status, 202)
  const mails = await shop.mailed()
  assert.deepEqual(mails.map(({ to, subject }) => [to, subject]).sort(), [
    [ANN, 'Your e-mail address is about to change'],
    ['new@x.org', 'Confirm your new e-mail address'],
  ])
  assert.ok(!mails.find(({ to }) => to === ANN)!.text.includes('token'))
  assert.equal((await me.get('/auth/me')).body.email, ANN, 'nothing changes before the link is opened')
  const token = tokenIn(mails.find(({ to }) => to === 'new@x.org')!)
  const other = await shop.register('other@x.org')
  await refusesLink(shop.as(other.access_token).post('/auth/verify-email', { token }))
  assert.equal((await shop.anon.post('/auth/verify-email', { token })).status, 401)
  const { status, body } = await me.post('/auth/verify-email', { token })
  assert.deepEqual([status, body.id, body.email], [200, user.id, 'new@x.org'])
  assert.ok(body.email_verified_at)
  await refusesLink(me.post('/auth/verify-email', { token }))
  assert.equal((await login(shop, PASSWORD, 'new@x.org')).status, 200)
  assert.equal((await login(shop, PASSWORD)).status, 401)
})

test('API2-33 an e-mail that another account has is not taken, not even when it was free at first', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await shop.register(ANN)
  await shop.register('bob@x.org')
  const me = shop.as(access_token)
  const ask = (new_email: string) => me.post('/auth/change-email', { new_email, current_password: PASSWORD })
  const taken = await ask('BOB@x.org')
  assert.deepEqual([taken.status, taken.body.code], [409, 'email_taken'])
  assert.equal((await ask('free@x.org')).status, 202)
  const token = tokenIn((await shop.mailed()).find(({ to }) => to === 'free@x.org')!)
  await shop.register('free@x.org')
  const late = await me.post('/auth/verify-email', { token })
  assert.deepEqual([late.status, late.body.code], [409, 'email_taken'])
  assert.equal((await me.get('/auth/me')).body.email, ANN)
})

test('API5-11 staff have a link sent and never learn it', async (t) => {
  const shop = await openAccounts(t)
  const { user } = await shop.register(ANN)
  const owner = await shop.superAdmin()
  for (const body of [
    { password: NEW },
    { email: 'evil@x.org' },
    { email_verified_at: '2026-01-01T00:00:00.000Z' },
  ]) {
    const { status } = await owner.patch(`/users/${user.id}`, body)
    assert.equal(status, 422)
  }
  const answer = await owner.post('/auth/forgot-password', { email: ANN })
  assert.deepEqual([answer.status, answer.body], [202, { status: 'accepted' }])
  assert.equal((await shop.mailed()).at(-1)!.to, ANN)
  const read = await owner.get(`/users/${user.id}`)
  assert.ok(!read.text.includes(await tokenOfLast(shop)))
})

test('a deactivated account is mailed no link and takes none', async (t) => {
  const shop = await openAccounts(t)
  const { user } = await shop.register(ANN)
  const token = await forgotten(shop)
  const owner = await shop.superAdmin()
  await owner.patch(`/users/${user.id}`, { status: 'deactivated' })
  await refusesLink(reset(shop, token))
  await shop.anon.post('/auth/forgot-password', { email: ANN })
  assert.equal((await shop.mailed()).length, 1)
})

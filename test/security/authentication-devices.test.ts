import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { openAccounts, PASSWORD } from '../support/accounts.ts'

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'

test('people see the devices that are signed in, each by its browser and system and when it was last used', async (t) => {
  const shop = await openAccounts(t)
  const first = await shop.register('a@x.org')
  shop.clock.turn(60_000)
  const credentials = { email: 'a@x.org', password: PASSWORD }
  const second = (await shop.anon.post('/auth/login', credentials, { 'user-agent': FIREFOX })).body
  shop.clock.turn(60_000)
  const { body: next } = await shop.anon.post('/auth/refresh', { refresh_token: first.refresh_token })
  const { items } = (await shop.as(next.access_token).get('/auth/sessions')).body
  assert.deepEqual(
    items.map(({ device, current }: { device: string; current: boolean }) => [device, current]),
    [
      ['Firefox on Windows', false],
      ['other', true],
    ],
  )
  const [firefox, own] = items
  assert.equal(firefox.last_used_at, firefox.created_at)
  assert.ok(Date.parse(own.last_used_at) - Date.parse(own.created_at) >= 120_000)
  assert.ok(second.refresh_token.startsWith(firefox.id))
})

test('a device that is signed out gets in no more, and the others stay', async (t) => {
  const shop = await openAccounts(t)
  const lost = await shop.register('a@x.org')
  const own = (await shop.anon.post('/auth/login', { email: 'a@x.org', password: PASSWORD })).body
  const id = lost.refresh_token.split('.')[0]
  const me = shop.as(own.access_token)
  assert.equal((await me.delete(`/auth/sessions/${id}`)).status, 204)
  assert.equal((await shop.as(lost.access_token).get('/auth/sessions')).status, 401)
  const { refresh_token } = lost
  assert.equal((await shop.anon.post('/auth/refresh', { refresh_token })).status, 401)
  assert.equal((await me.get('/auth/sessions')).body.items.length, 1)
  assert.equal((await me.delete(`/auth/sessions/${id}`)).status, 404)
})

test('the devices of another are not seen and not signed out', async (t) => {
  const shop = await openAccounts(t)
  const ann = await shop.register('a@x.org')
  const bob = await shop.register('b@x.org')
  const me = shop.as(ann.access_token)
  assert.equal((await me.get('/auth/sessions')).body.items.length, 1)
  for (const id of [bob.refresh_token.split('.')[0], newId('ses'), '%00']) {
    assert.equal((await me.delete(`/auth/sessions/${id}`)).status, 404, id)
  }
  assert.equal((await shop.as(bob.access_token).get('/auth/sessions')).status, 200)
})

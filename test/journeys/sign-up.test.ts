import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAccounts, PASSWORD } from '../support/accounts.ts'
import type { Answer } from '../support/http-client.ts'
import { tokenIn } from '../support/mailer.ts'

const ANN = 'ann@x.org'

async function refusesLink(answer: Promise<Answer>): Promise<void> {
  const { status, body } = await answer
  assert.deepEqual([status, body.code], [400, 'link_not_valid'])
}

test('an address is confirmed by its link, which comes again when asked for', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await shop.register(ANN)
  const me = shop.as(access_token)
  assert.equal((await me.post('/auth/send-verification')).status, 202)
  const token = tokenIn((await shop.mailed()).at(-1)!)
  const { status, body } = await me.post('/auth/verify-email', { token })
  assert.equal(status, 200)
  assert.ok(body.email_verified_at)
  const second = await me.post('/auth/verify-email', { token })
  assert.deepEqual(
    [second.status, second.body],
    [200, body],
    'a second click hears the same and changes nothing',
  )
  const other = await shop.register('other@x.org')
  await refusesLink(shop.as(other.access_token).post('/auth/verify-email', { token }))
  const again = await me.post('/auth/send-verification')
  assert.deepEqual([again.status, again.body.code], [409, 'email_verified'])
  await me.post('/auth/logout-all')
  const back = shop.as(
    (await shop.anon.post('/auth/login', { email: ANN, password: PASSWORD })).body.access_token,
  )
  await refusesLink(back.post('/auth/verify-email', { token }))
})

test('whoever signs up hears of every fault at once, also of the password', async (t) => {
  const shop = await openAccounts(t)
  const faults = async (body: object) => {
    const answer = await shop.anon.post('/auth/register', body)
    assert.deepEqual([answer.status, answer.body.code], [422, 'invalid_body'])
    return answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()
  }
  assert.deepEqual(await faults({ email: 'no address', password: 'abc' }), ['/email', '/name', '/password'])
  assert.deepEqual(await faults({ email: 'x', password: 'abc', name: '' }), ['/email', '/name', '/password'])
  assert.deepEqual(await faults({ email: 7, password: 'abc', name: 'Ann', role: 'admin' }), [
    '/email',
    '/password',
    '/role',
  ])
  assert.deepEqual(await faults([]), [''])
})

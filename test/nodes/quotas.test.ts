import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { QUOTAS } from '../../src/http/quota-table.ts'
import { QUOTA_WINDOWS } from '../../src/http/stored-quota.ts'
import type { Answer } from '../support/http-client.ts'
import { openNodes } from '../support/nodes.ts'
import { replyLost } from '../support/tapped-storage.ts'

const environment = { RATE_LIMITS: 'on', TRUST_PROXY: 'true' }
const LOGINS = QUOTAS.login.address!.limit

let shop: Awaited<ReturnType<typeof openNodes>>
before(async () => {
  shop = await openNodes({ environment })
})
after(() => shop.stop())

/** Each tries another account, so that only the address is what they share. */
const tryToSignIn = (address: string, turn: number) =>
  shop
    .client({ 'x-forwarded-for': address })
    .post('/auth/login', { email: `${address}-${turn}@example.com`, password: 'wrong one' })

const codes = (answers: readonly Answer[]) => answers.map(({ body }) => body.code).sort()

test('three nodes together let one address try as often as one node would', async () => {
  const answers: Answer[] = []
  for (let turn = 0; turn < LOGINS + 5; turn++) answers.push(await tryToSignIn('192.0.2.1', turn))
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array.from({ length: LOGINS + 5 }, (_, turn) => (turn < LOGINS ? 401 : 429)),
  )
  const { headers } = answers[4]!
  assert.equal(headers.get('ratelimit-policy'), `"login";q=${LOGINS};w=60`)
  assert.match(headers.get('ratelimit')!, new RegExp(`^"login";r=${LOGINS - 5};t=\\d+$`))
  assert.ok(Number(answers.at(-1)!.headers.get('retry-after')) > 0)
  assert.equal((await tryToSignIn('192.0.2.2', 0)).status, 401)
  shop.turn(62_000)
  assert.equal((await tryToSignIn('192.0.2.1', 99)).status, 401)
})

test('as many as the quota come in when all come at once, whichever node they meet', async () => {
  const answers = await Promise.all(
    Array.from({ length: LOGINS * 2 }, (_, turn) => tryToSignIn('192.0.2.3', turn)),
  )
  assert.deepEqual(codes(answers), [
    ...Array.from({ length: LOGINS }, () => 'invalid_credentials'),
    ...Array.from({ length: LOGINS }, () => 'rate_limited'),
  ])
})

test('sign-ups and refreshes are counted together too', async () => {
  const client = shop.client({ 'x-forwarded-for': '192.0.2.4' })
  const signUp = (turn: number) =>
    client.post('/auth/register', {
      email: `c-${turn}@example.com`,
      password: 'long enough',
      name: 'Somebody',
    })
  const statuses: number[] = []
  for (let turn = 0; turn < 6; turn++) statuses.push((await signUp(turn)).status)
  assert.deepEqual(statuses, [201, 201, 201, 201, 201, 429])
  const refreshes = await Promise.all(
    Array.from({ length: 70 }, () => client.post('/auth/refresh', { refresh_token: 'none of ours' })),
  )
  assert.equal(refreshes.filter(({ status }) => status === 429).length, 10)
})

test('ten wrong passwords for one account are followed by a wait, however they are spread over the nodes', async () => {
  const client = shop.client({ 'x-forwarded-for': '192.0.2.6' })
  const answers = await Promise.all(
    Array.from({ length: LOGINS }, (_, turn) =>
      client.post('/auth/login', { email: 'one@example.com', password: `wrong ${turn}` }),
    ),
  )
  const looked = answers.filter(({ status }) => status === 401)
  assert.ok(looked.length > 0 && looked.length <= 10, `${looked.length} passwords were looked at`)
  assert.ok(answers.every(({ status, body }) => status === 401 || body.code === 'too_many_attempts'))
})

test('without the storage nobody tries, and what is stored of addresses does not name them', async () => {
  await tryToSignIn('192.0.2.5', 0)
  const { items } = await shop.storage.collection(QUOTA_WINDOWS).list({ index: 'ends', limit: 100 })
  assert.ok(items.length > 0)
  assert.doesNotMatch(JSON.stringify(items), /192\.0/)
  for (const node of shop.nodes)
    node.tap((call, run) => (call.target === QUOTA_WINDOWS.name ? Promise.reject(replyLost()) : run()))
  assert.equal((await tryToSignIn('192.0.2.5', 1)).status, 503)
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

let shop: RunningShop
let owner: SignedInClient

before(async () => {
  shop = await startShop()
  owner = await shop.asSuper()
})
after(() => shop.stop())

test('whoever comes to the root of the shop is told where its documentation is', async () => {
  const { status, body } = await shop.asGuest().get('/')
  assert.deepEqual([status, body.detail], [404, 'There is nothing at this address; see /docs.'])
  assert.equal((await shop.asGuest().get('/nothing')).body.detail, 'There is nothing at this address.')
})

test('a field that does not fit its pattern is told in words', async () => {
  const { body } = await owner.post('/categories', { name: ' ', slug: 'A b' })
  assert.deepEqual(body.errors.map(({ message }: { message: string }) => message).sort(), [
    'does not fit: Small letters and digits, with single hyphens between them, as garden-lights',
    'must not be blank',
  ])
})

test('an upload of rows without its type is told which types there are', async () => {
  const answer = await fetch(`${shop.url}/products/import`, {
    method: 'POST',
    headers: { authorization: owner.headers.authorization! },
    body: Buffer.from('{}'),
  })
  const { detail } = (await answer.json()) as { detail: string }
  assert.deepEqual([answer.status, detail], [415, 'Send the rows as application/x-ndjson or text/csv.'])
})

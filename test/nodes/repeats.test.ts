import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PRODUCTS } from '../../src/shop/catalog/schema.ts'
import { openNodes, type RunningNode } from '../support/nodes.ts'
import type { SignedInClient } from '../support/people.ts'
import { until } from '../support/until.ts'

let shop: Awaited<ReturnType<typeof openNodes>>
let staff: SignedInClient
before(async () => {
  shop = await openNodes({ count: 4 })
  staff = await shop.asStaff()
})
after(() => shop.stop())

const make = (node: RunningNode, name: string, key: string) =>
  node
    .withToken(staff.access_token)
    .post(
      '/products',
      { name, price: { amount: 100, currency: 'USD' }, stock: 3 },
      { 'idempotency-key': key },
    )

/** Stops the node before it writes a product, until it is released. */
function heldAtProduct(node: RunningNode) {
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  node.tap(async ({ target, operation }, run) => {
    if (target === PRODUCTS.name && operation === 'insert') {
      reached.resolve()
      await released.promise
    }
    return run()
  })
  return { reached: reached.promise, release: () => released.resolve() }
}

async function productsNamed(name: string): Promise<unknown[]> {
  const { body } = await staff.get('/products?limit=100')
  return body.items.filter((card: { name: string }) => card.name === name)
}

test('one key at all nodes at once is one product and one answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, turn) => make(shop.nodes[turn % 4]!, 'Rushed', 'rush')),
  )
  assert.equal(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1)
  assert.equal(answers[0]!.status, 201)
  assert.equal(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null).length, 1)
  assert.equal((await productsNamed('Rushed')).length, 1)
})

test('a repeat at another node waits while the first request runs', async () => {
  const [a, b] = shop.nodes
  const held = heldAtProduct(a!)
  const first = make(a!, 'Waited for', 'wait')
  await held.reached
  let looks = 0
  b!.tap((call, run) => {
    if (call.target === 'idempotency_keys' && call.operation === 'get') looks++
    return run()
  })
  const repeat = make(b!, 'Waited for', 'wait')
  await until(() => looks > 3)
  assert.equal((await make(b!, 'Something else', 'wait')).body.code, 'idempotency_key_reused')
  assert.deepEqual(await productsNamed('Waited for'), [])
  held.release()
  const answers = await Promise.all([first, repeat])
  assert.deepEqual(
    answers.map(({ status, text }) => [status, text]),
    [
      [201, answers[0]!.text],
      [201, answers[0]!.text],
    ],
  )
  assert.equal(answers[1]!.headers.get('idempotent-replayed'), 'true')
})

test('what a node did not finish because it died is finished by a repeat at another, once', async () => {
  const [, , c, d] = shop.nodes
  const held = heldAtProduct(c!)
  const lost = make(c!, 'Half made', 'half').catch(() => 'lost')
  await held.reached
  await c!.kill()
  held.release()
  assert.equal(await lost, 'lost')
  const again = await make(d!, 'Half made', 'half')
  assert.equal(again.status, 201, again.text)
  assert.equal((await make(shop.nodes[0]!, 'Half made', 'half')).text, again.text)
  assert.equal((await productsNamed('Half made')).length, 1)
})

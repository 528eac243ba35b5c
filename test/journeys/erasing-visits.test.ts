import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { CLICKSTREAM_TOPIC, VISITORS, type VisitorFigures } from '../../src/shop/clickstream/schema.ts'
import type { Body } from '../support/http-client.ts'
import { everything } from '../support/log.ts'
import { PASSWORD, type SignedInClient } from '../support/shop.ts'
import { type ErasingWorld, HOME, openErasingWorld } from './erasing-world.ts'

let world: ErasingWorld
before(async () => {
  world = await openErasingWorld()
})
after(() => world.shop.stop())

test('a visitor who turned out to be the person is nobody again, and may become somebody else', async () => {
  const { shop } = world
  const visits = async () => {
    const [found] = await shop.application.storage.rollUps.read(VISITORS, ['visitor-7'])
    return (found!.body as VisitorFigures).user_id
  }
  const come = async (person: SignedInClient) => {
    await person.post('/events', { type: 'page_view', anonymous_id: 'visitor-7' })
    await shop.caughtUp()
    return visits()
  }
  const ann = await shop.registerCustomer()
  assert.equal(await come(ann), ann.user.id)
  await world.eraseWholly(ann.user.id)
  assert.equal(await visits(), null)
  const bob = await shop.registerCustomer()
  assert.equal(await come(bob), bob.user.id)
})

test('what an erased person did while signed in is found under nobody, and no visit under them', async () => {
  const { shop, owner, lamp } = world
  const ann = await shop.registerCustomer()
  const own = { anonymous_id: 'visitor-8', session_id: 'tab-8' }
  await ann.post('/events', { type: 'search', ...own, query: 'a cure' })
  await shop.login(ann.email, PASSWORD)
  const order = { items: [{ product_id: lamp, quantity: 1 }], payment_method: 'cash_on_delivery' }
  const placed = await ann.post('/orders', { ...order, shipping_address: HOME, ...own })
  assert.equal(placed.status, 201, placed.text)
  await world.deliver(placed.body.id)
  await shop.caughtUp()
  const found = async (of: string) => {
    const { items } = (await owner.get(`/admin/events?${of}&limit=100`)).body
    return items.map(({ type, anonymous_id, session_id, data }: Body) => {
      return [type, anonymous_id ?? data.anonymous_id ?? session_id ?? data.session_id ?? null]
    })
  }
  const user = `user=${ann.user.id}`
  const before = await found(user)
  for (const type of ['search', 'user_login', 'order_created'])
    assert.ok(
      before.some(([told, visit]: string[]) => told === type && visit),
      type,
    )

  await world.eraseWholly(ann.user.id)
  const after = (await found(user)).filter(([type]: string[]) => !type!.startsWith('user_eras'))
  assert.deepEqual(
    after,
    before.flatMap(([type]: string[]) => (type === 'search' ? [] : [[type, null]])),
  )
  assert.deepEqual([...(await found('visitor=visitor-8')), ...(await found('session=tab-8'))], [])
})

test('what the log brings of a person who is gone links nobody to them', async () => {
  const { shop, owner } = world
  const ann = await shop.registerCustomer()
  await ann.post('/events', { type: 'page_view', anonymous_id: 'visitor-9' })
  await shop.caughtUp()
  await world.eraseWholly(ann.user.id)
  const { log, storage } = shop.application
  const [told] = (await everything(log, [CLICKSTREAM_TOPIC])).filter(
    ({ event }) => event.partitionkey === 'visitor-9',
  )
  const late = {
    ...told!.event,
    id: newId('evt'),
    partitionkey: 'visitor-10',
    subject: 'visitors/visitor-10',
  }
  const data = { ...(late.data as object), anonymous_id: 'visitor-10' }
  await log.appendClickstream([{ key: 'visitor-10', dedup: null, json: JSON.stringify({ ...late, data }) }])
  await shop.caughtUp()
  const { items } = (await owner.get(`/admin/events?user=${ann.user.id}`)).body
  assert.deepEqual(
    items.filter(({ topic }: Body) => topic === CLICKSTREAM_TOPIC),
    [],
  )
  assert.deepEqual(await storage.rollUps.read(VISITORS, ['visitor-10']), [])
})

import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ALL_COLLECTIONS } from '../../src/collections.ts'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { sequenced } from '../../src/kernel/event.ts'
import { newId } from '../../src/kernel/ids.ts'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/sqlite-storage.ts'
import { uuidv7 } from '../../tools/replay/uuid.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { EMBEDDED } from './support.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const CASH = { shipping_address: ADDRESS, payment_method: 'cash_on_delivery' }

export interface GrownShop {
  directory: string
  /** The folder as it was, for a shop that stays. */
  copyOfFolder(): string
  /** Tokens that were given by the shop before it moved. */
  ann: Pick<SignedInClient, 'access_token' | 'refresh_token' | 'user'>
  staff: Pick<SignedInClient, 'access_token'>
  lamp: string
  /** An order that a crash left half-way, with its reservation made and not told. */
  half: string
  remove(): void
}

export const order = (product_id: string, quantity = 1) => ({ ...CASH, items: [{ product_id, quantity }] })

/** A stopped shop on the embedded pair that has lived: with a bit of everything that a shop may have. */
export async function growShop(): Promise<GrownShop> {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-grown-'))
  const folders = [directory]
  const shop = await startShop({ directory, config: EMBEDDED })
  const staff = await shop.asStaff()
  const { lamp, rug } = await fill(staff)
  const ann = await shop.registerCustomer()
  const bob = await shop.registerCustomer()
  await trade({ shop, staff, ann, bob, lamp, rug })
  await visit(shop, ann)
  await poison(shop)
  await shop.caughtUp()
  assert.ok(shop.application.consumers.parked().length > 0)
  await shop.stop()
  const half = await leaveHalfWay(directory, { user_id: bob.user.id, lamp, rug })
  return {
    directory,
    copyOfFolder() {
      const copy = mkdtempSync(join(tmpdir(), 'tradewind-grown-'))
      folders.push(copy)
      cpSync(directory, copy, { recursive: true })
      return copy
    },
    ann,
    staff,
    lamp,
    half,
    remove() {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function fill(staff: SignedInClient) {
  const { body: home } = await staff.post('/categories', { name: 'Home' })
  const { body: light } = await staff.post('/categories', { name: 'Light', parent_id: home.id })
  const product = async (fields: object): Promise<string> => {
    const { status, body, text } = await staff.post('/products', {
      status: 'active',
      price: { amount: 2_000, currency: 'USD' },
      stock: 40,
      category_ids: [light.id],
      ...fields,
    })
    assert.equal(status, 201, text)
    return body.id
  }
  const lamp = await product({ name: 'Lámp', tags: ['bright'], attributes: { colour: 'red' } })
  const rug = await product({
    name: 'Rug',
    options: [{ name: 'size', values: ['S', 'L.$x'] }],
    stock: undefined,
    variants: [
      { sku: 'RUG-S', options: { size: 'S' }, stock: 7 },
      { sku: 'RUG.L', options: { size: 'L.$x' }, stock: 9 },
    ],
  })
  await product({ name: 'Draft', status: 'draft' })
  await staff.post(`/products/${lamp}/stock`, { delta: 5, reason: 'more' })
  return { lamp, rug }
}

interface Trading {
  shop: RunningShop
  staff: SignedInClient
  ann: SignedInClient
  bob: SignedInClient
  lamp: string
  rug: string
}

async function trade({ shop, staff, ann, bob, lamp, rug }: Trading): Promise<void> {
  const place = async (client: SignedInClient, body: object, key?: string): Promise<string> => {
    const answer = await client.post('/orders', body, key ? { 'idempotency-key': key } : {})
    assert.equal(answer.status, 201, answer.text)
    return answer.body.id
  }
  const large = { ...CASH, items: [{ product_id: rug, sku: 'RUG.L', quantity: 2 }] }
  await place(ann, order(lamp, 2), 'first')
  await place(ann, large)
  const cancelled = await place(ann, order(lamp))
  assert.equal((await ann.post(`/orders/${cancelled}/cancel`, { note: 'no' })).status, 200)
  const sent = await place(bob, order(lamp, 3))
  const orders = shop.application.storage.collection(ORDERS)
  for (const status of ['processing', 'shipped', 'delivered', 'returned']) {
    await until(async () => (await orders.get(sent))?.lease === undefined)
    assert.equal((await staff.put(`/orders/${sent}`, { status })).status, 200)
  }
  await ann.post('/cart/items', { product_id: lamp, quantity: 1 })
  await shop.asGuest().post('/cart/items', { product_id: lamp, quantity: 4 })
  await shop.asGuest().post('/auth/login', { email: ann.email, password: 'wrong password' })
  await until(async () => (await orders.list({ index: 'unsettled', limit: 1 })).items.length === 0)
}

async function visit(shop: RunningShop, ann: SignedInClient): Promise<void> {
  const guest = shop.asGuest()
  const view = (visitor: string, more: object = {}) => ({ type: 'page_view', anonymous_id: visitor, ...more })
  for (let visitor = 0; visitor < 20; visitor++) {
    const name = `visitor-${visitor}`
    const odd = { 'a.b': { $set: [1.5, null, 'é\n"x"'] } }
    const seen = view(name, { event_id: uuidv7(), properties: odd })
    const events = [seen, view(name, { url: 'https://x.example/a?b=c' }), { type: 'no such thing' }]
    assert.equal((await guest.post('/events', events)).status, 202)
    assert.equal((await guest.post('/events', [seen])).body.duplicates, 1)
  }
  await ann.post('/events', [view('visitor-1')])
}

/** An event that no roll-up can count, and one behind it. */
async function poison({ application }: RunningShop): Promise<void> {
  const at = clock.now()
  const events = [1, 2].map((sequence) =>
    sequenced(
      {
        topic: 'ecommerce-orders',
        specversion: '1.0',
        id: newId('evt', at),
        source: '/tradewind',
        type: 'order_created',
        subject: 'orders/ord_poison',
        time: new Date(at).toISOString(),
        dataschema: '/tradewind/schemas/order_created.json',
        partitionkey: 'ord_poison',
        actor: 'system',
        data: {},
      },
      sequence,
    ),
  )
  await application.storage.outbox.add(events)
}

/** As a crash leaves it between a reservation and what follows: an order on its way, events that no log has; and oddities. */
async function leaveHalfWay(
  directory: string,
  { user_id, lamp, rug }: { user_id: string; lamp: string; rug: string },
): Promise<string> {
  const storage = await openSqliteStorage({ directory, collections: ALL_COLLECTIONS, clock })
  const orders = storage.collection(ORDERS)
  const [model] = (await orders.list({ index: 'by_user', equal: [user_id], limit: 1 })).items
  const { idem: _, cart_claim: __, result: ___, version: ____, sequences: _____, ...rest } = model!
  const id = newId('ord', clock.now())
  const [line] = rest.lines
  await orders.insert({
    ...rest,
    id,
    number: 'HA1FWAY0',
    step: 'RESERVED',
    status: 'pending',
    lines: [line!],
    lease: { owner: 'run_gone', until: clock.now() },
    history: rest.history.slice(0, 1).map((entry) => ({ ...entry, step: 'RESERVED', status: 'pending' })),
  })
  const stock = { product_id: lamp, sku: line!.sku, order_id: id, quantity: line!.quantity }
  const stamp = { event_id: newId('evt', clock.now()), at: clock.now(), actor: 'system' }
  const [verdict] = await storage.stock.apply([{ kind: 'reserve', ...stock, ...stamp }])
  assert.equal(verdict?.result, 'done')
  // A late release of what was never there leaves a tombstone without stock; a SKU that does not add up is frozen.
  const nowhere = { ...stock, product_id: newId('prd', clock.now()) }
  const [late] = await storage.stock.apply([{ kind: 'release', ...nowhere, ...stamp, event_id: 'evt_late' }])
  assert.equal(late?.result, 'missing')
  await storage.stock.freeze({ product_id: rug, sku: 'RUG-S' })
  assert.ok((await storage.outbox.pending()).count > 0)
  await storage.close()
  return id
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestProvider } from '../../src/payments/test-provider/test-provider.ts'
import { createReconciling } from '../../src/shop/orders/reconciling.ts'
import { ORDERS, type Order } from '../../src/shop/orders/schema.ts'
import { keepingLogger } from '../support/log.ts'
import { openStorage } from './orders-world.ts'

const LATER_MS = 3 * 60_000

test('what the provider holds or took and no order owns is given back, once, and told', async (t) => {
  let now = Date.now()
  const clock = { now: () => now }
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-orphans-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const provider = createTestProvider({
    path: join(directory, 'ledger.db'),
    clock,
    urlOf: (action) => action,
    secret: 'x',
  })
  t.after(() => provider.close())
  const storage = await openStorage()
  t.after(() => storage.close())
  const { logger, lines } = keepingLogger()
  const orders = storage.collection<Order>(ORDERS)
  const driver = { mark: () => assert.fail('no order is written') }
  const { reconcile } = createReconciling({ orders, provider, driver, clock, logger })

  const objectOf = async (order_id: string, { captured }: { captured: boolean }) => {
    const made = await provider.create({ key: `${order_id}:create`, order_id, amount: 500, currency: 'USD' })
    assert.ok(made.outcome === 'done')
    const object_id = made.object.id
    await provider.authorise({ key: `${order_id}:authorise`, object_id, method: 'tok_success' })
    if (captured) await provider.capture({ key: `${order_id}:capture`, object_id, amount: 500 })
    return object_id
  }
  const held = await objectOf('ord_nobody', { captured: false })
  const taken = await objectOf('ord_nothing', { captured: true })
  assert.equal(await reconcile(), 0, 'an order may still be about to write it down')
  now += LATER_MS
  assert.equal(await reconcile(), 2)
  assert.equal(await reconcile(), 0)
  assert.equal((await provider.find(held))!.state, 'cancelled')
  assert.equal((await provider.find(taken))!.refunded, 500)
  const alerts = lines.filter(({ details }) => (details as { alert?: string }).alert === 'payment_orphan')
  assert.equal(alerts.length, 2)
})

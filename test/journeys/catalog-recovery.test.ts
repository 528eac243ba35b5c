import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createCatalog } from '../../src/shop/catalog/catalog.ts'
import { COLLECTIONS } from '../../src/shop/collections.ts'
import { createInventory } from '../../src/shop/inventory/inventory.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { SILENT } from '../support/log.ts'
import { folderMedia } from '../support/media.ts'
import { openTestStorage } from '../support/storage.ts'

const clock = systemClock
const CUT = new Error('the process ended here')
const price = { amount: 100, currency: 'USD' }

/** A catalogue that can be cut off between a product and its stock, and the one that starts after it. */
async function twoStarts(t: TestContext) {
  const opened = await openTestStorage(t, COLLECTIONS)
  const images = { media: await folderMedia(t), logger: SILENT }
  const start = (storage: Storage, applyPending?: () => Promise<never>) => {
    const inventory = createInventory({ storage, nodes: 'one', clock })
    return createCatalog({
      ...images,
      storage,
      nodes: 'one',
      clock,
      currency: 'USD',
      inventory: { ...inventory, ...(applyPending && { applyPending }) },
    })
  }
  return {
    images,
    storage: opened.storage,
    dying: start(opened.storage, () => Promise.reject(CUT)),
    async restarted() {
      const storage = await opened.reopen()
      return { catalog: start(storage), inventory: createInventory({ storage, nodes: 'one', clock }) }
    },
  }
}

const by = (operation_id: string) => ({ operation_id, actor: 'usr_staff' })

test('a product that was cut off from its stock gets it at the next start, once', async (t) => {
  const { dying, restarted } = await twoStarts(t)
  const operation = newId('op')
  await assert.rejects(dying.create({ name: 'Cut off', price, sku: 'CUT', stock: 7 }, by(operation)), CUT)
  const { catalog, inventory } = await restarted()
  await catalog.recover()
  await catalog.recover()
  const { id } = JSON.parse((await catalog.page('cut-off')).json)
  const [level] = await inventory.ofProducts([id])
  assert.deepEqual([level!.sku, level!.available, level!.received], ['CUT', 7, 7])
})

test('the request itself, repeated, finishes what was cut off and makes no second product', async (t) => {
  const { dying, restarted } = await twoStarts(t)
  const operation = newId('op')
  const input = { name: 'Again', price, sku: 'AGAIN', stock: 3 }
  await assert.rejects(dying.create(input, by(operation)), CUT)
  const { catalog } = await restarted()
  const product = await catalog.create(input, by(operation))
  assert.deepEqual([product.available, product.slug], [3, 'again'])
  const { items } = { items: (await list(catalog)).cards }
  assert.equal(items.length, 1)
})

test('a promise that was kept but not cleared is not kept twice', async (t) => {
  const { storage, images, restarted } = await twoStarts(t)
  const inventory = createInventory({ storage, nodes: 'one', clock })
  const applyPending: typeof inventory.applyPending = async (...wish) => {
    await inventory.applyPending(...wish)
    throw CUT
  }
  const dying = createCatalog({
    ...images,
    storage,
    nodes: 'one',
    clock,
    currency: 'USD',
    inventory: { ...inventory, applyPending },
  })
  const made = await dying.create({ name: 'Kept', price, sku: 'KEPT' }, by(newId('op')))
  await inventory.change({
    product_id: made.id,
    sku: 'KEPT',
    request: { set: 5 },
    operation_id: newId('op'),
    actor: 'usr_staff',
  })
  await assert.rejects(dying.change(made.id, { stock: 9 }, by(newId('op'))), CUT)
  const after = await restarted()
  await after.inventory.change({
    product_id: made.id,
    sku: 'KEPT',
    request: { delta: -4 },
    operation_id: newId('op'),
    actor: 'usr_staff',
  })
  await after.catalog.recover()
  const [level] = await after.inventory.ofProducts([made.id])
  assert.equal(level!.available, 5)
})

test('a category whose tree was decided gets its document and its event at the next start', async (t) => {
  const { storage, images, restarted } = await twoStarts(t)
  const collection: Storage['collection'] = (definition) => {
    const real = storage.collection(definition)
    return definition.name === 'categories' ? { ...real, insert: () => Promise.reject(CUT) } : real
  }
  const inventory = createInventory({ storage, nodes: 'one', clock })
  const dying = createCatalog({
    ...images,
    storage: { ...storage, collection },
    inventory,
    nodes: 'one',
    clock,
    currency: 'USD',
  })
  await assert.rejects(dying.categories.create({ name: 'Half made' }, by(newId('op'))), CUT)
  const { catalog } = await restarted()
  await catalog.recover()
  const [category] = await catalog.categories.all()
  assert.deepEqual([category!.name, category!.slug, category!.version], ['Half made', 'half-made', 1])
})

function list(catalog: ReturnType<typeof createCatalog>) {
  const none = { after: undefined, exact: false, total: false, facets: false }
  return catalog.list({ filter: { attributes: {} }, sort: 'name', limit: 10, ...none })
}

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { createCatalog } from '../../src/shop/catalog/catalog.ts'
import { UNSETTLED_IMAGES } from '../../src/shop/catalog/image-schema.ts'
import { UNSETTLED_MS } from '../../src/shop/catalog/unsettled-images.ts'
import { COLLECTIONS } from '../../src/shop/collections.ts'
import { createInventory } from '../../src/shop/inventory/inventory.ts'
import { DOUBLE_ACCOUNT, startCloudinaryDouble } from '../servers/cloudinary-double.ts'
import { testClock } from '../support/accounts.ts'
import { picture } from '../support/images.ts'
import { SILENT } from '../support/log.ts'
import { folderMedia } from '../support/media.ts'
import { openTestStorage } from '../support/storage.ts'
import { type Intercept, tapped } from '../support/tapped-storage.ts'

const CUT = new Error('the process ended here')
const by = () => ({ operation_id: newId('op'), actor: 'usr_staff' })

/** Two nodes on one storage and one folder; what the first one asks of the storage goes through `tap`. */
async function twoNodes(t: TestContext, account: Parameters<typeof folderMedia>[1] = {}) {
  const clock = testClock()
  const { storage } = await openTestStorage(t, COLLECTIONS, clock)
  const media = await folderMedia(t, account)
  let tap: Intercept = (_call, run) => run()
  const node = (own: typeof storage) =>
    createCatalog({
      ...{ storage: own, media, clock, logger: SILENT, nodes: 'several' as const, currency: 'USD' },
      inventory: createInventory({ storage: own, nodes: 'several', clock, logger: SILENT }),
    })
  const first = node(tapped(storage, (call, run) => tap(call, run)))
  const second = node(storage)
  const price = { amount: 100, currency: 'USD' }
  const { id } = await second.create({ name: 'Pictured', price }, by())
  const bytes = await picture()
  const notes = storage.collection(UNSETTLED_IMAGES)
  return {
    ...{ media, clock, first, second, product: id, bytes },
    tap(next: Intercept) {
      tap = next
    },
    images: async () => JSON.parse((await second.staffPage(id)).json).images as { id: string; url: string }[],
    notes: async () => (await notes.list({ index: 'created', limit: 10 })).items,
    isThere: async (url: string) => {
      const [, , key = '', file = ''] = url.split('/')
      return (await media.files.find(key, file)) !== undefined
    },
  }
}

/** The first node dies at its nth call of one kind, before or behind it. */
function dyingAt(target: string, operation: string, when: 'before' | 'behind'): Intercept {
  let dead = false
  return async (call, run) => {
    if (dead) throw CUT
    if (call.target !== target || call.operation !== operation) return run()
    dead = true
    if (when === 'behind') await run()
    throw CUT
  }
}

for (const [target, operation, when] of [
  ['unsettled_images', 'insert', 'behind'],
  ['products', 'replace', 'before'],
] as const) {
  test(`files whose product never came to name them are swept after an hour, not before (${operation} of ${target})`, async (t) => {
    const world = await twoNodes(t)
    world.tap(dyingAt(target, operation, when))
    await assert.rejects(world.first.images.add(world.product, { bytes: world.bytes }, by()), CUT)
    const [note] = await world.notes()
    const url = `/media/${note!.id}/original.png`
    assert.equal(await world.isThere(url), target === 'products')
    await world.second.sweep()
    assert.equal((await world.notes()).length, 1, 'it might still be being added')
    world.clock.turn(UNSETTLED_MS + 1)
    await world.second.sweep()
    assert.deepEqual([await world.isThere(url), await world.notes(), await world.images()], [false, [], []])
  })
}

test('files that a product names stay, whatever was left behind', async (t) => {
  const world = await twoNodes(t)
  world.tap(dyingAt('products', 'replace', 'behind'))
  await assert.rejects(world.first.images.add(world.product, { bytes: world.bytes }, by()), CUT)
  world.clock.turn(UNSETTLED_MS + 1)
  await world.second.sweep()
  const [image] = await world.images()
  assert.deepEqual([await world.isThere(image!.url), await world.notes()], [true, []])
})

test('a repeat of the operation finds the image that the first try made, and leaves no files of its own', async (t) => {
  const world = await twoNodes(t)
  const operation = by()
  world.tap(dyingAt('products', 'replace', 'behind'))
  await assert.rejects(world.first.images.add(world.product, { bytes: world.bytes }, operation), CUT)
  const { image } = await world.second.images.add(world.product, { bytes: world.bytes }, operation)
  const images = await world.images()
  assert.deepEqual([images.length, images[0]!.id, images[0]!.url], [1, image.id, image.url])
})

for (const when of ['before', 'behind'] as const) {
  test(`an image whose removal was cut off ${when} the product let it go is there wholly or not at all`, async (t) => {
    const world = await twoNodes(t)
    const { image } = await world.second.images.add(world.product, { bytes: world.bytes }, by())
    world.tap(dyingAt('products', 'replace', when))
    await assert.rejects(world.first.images.remove(world.product, image.id, by()), CUT)
    world.clock.turn(UNSETTLED_MS + 1)
    await world.second.sweep()
    const named = when === 'before'
    assert.deepEqual(
      [(await world.images()).length, await world.isThere(image.url), await world.notes()],
      [named ? 1 : 0, named, []],
    )
  })
}

test('files at a store that was away when their image was removed go when it is back', async (t) => {
  const double = await startCloudinaryDouble()
  t.after(() => double.close())
  const world = await twoNodes(t, {
    CLOUDINARY_CLOUD_NAME: DOUBLE_ACCOUNT.cloud_name,
    CLOUDINARY_API_KEY: DOUBLE_ACCOUNT.api_key,
    CLOUDINARY_API_SECRET: DOUBLE_ACCOUNT.api_secret,
    CLOUDINARY_API_URL: double.url,
  })
  const { image } = await world.second.images.add(world.product, { bytes: world.bytes }, by())
  double.misbehave((response) => response.destroy(), { lost: true })
  await world.second.images.remove(world.product, image.id, by())
  assert.deepEqual([await world.images(), double.assets.size, (await world.notes()).length], [[], 1, 1])
  double.misbehave()
  world.clock.turn(UNSETTLED_MS + 1)
  await world.second.sweep()
  assert.deepEqual([double.assets.size, await world.notes()], [0, []])
})

test('a node that slept for an hour before it wrote the image into the product writes it no more', async (t) => {
  const world = await twoNodes(t)
  let slept = false
  world.tap(async (call, run) => {
    if (call.target === 'products' && call.operation === 'replace' && !slept) {
      slept = true
      world.clock.turn(UNSETTLED_MS + 1)
      await world.second.sweep()
    }
    return run()
  })
  await assert.rejects(world.first.images.add(world.product, { bytes: world.bytes }, by()), {
    code: 'too_slow',
  })
  assert.ok(slept)
  assert.deepEqual([await world.images(), await world.notes()], [[], []])
})

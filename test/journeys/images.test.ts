import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Client } from '../support/http-client.ts'
import { sendRaw, statusOf } from '../support/http-raw.ts'
import { type Format, formOf, painted, picture, sharp, upload } from '../support/images.ts'
import { type RunningShop, startShop } from '../support/shop.ts'

describe('images of products', () => {
  let shop: RunningShop
  let staff: Client
  before(async () => {
    shop = await startShop()
    staff = await shop.asStaff()
  })
  after(() => shop.stop())

  let products = 0
  const newProduct = async (): Promise<string> => {
    const price = { amount: 100, currency: 'USD' }
    const { body } = await staff.post('/products', { name: `Pictured ${++products}`, price })
    return body.id
  }
  const bytesAt = async (path: string): Promise<Buffer> => {
    const answer = await fetch(shop.url + path)
    assert.equal(answer.status, 200)
    return Buffer.from(await answer.arrayBuffer())
  }
  /** Folders with files of images. */
  const kept = () => {
    const media = join(shop.directory, 'media')
    const shelves = existsSync(media) ? readdirSync(media) : []
    return shelves.flatMap((shelf) => readdirSync(join(media, shelf)))
  }

  it('are shown by the product, the first one by lists, with three sizes in WebP', async () => {
    const id = await newProduct()
    const wide = await picture({ width: 2_000, height: 1_000, format: 'jpeg' })
    const added = await upload(staff, id, wide, { fields: { alt: 'Seen from the left' } })
    assert.equal(added.status, 201, added.text)
    await upload(staff, id, await picture())
    const { body } = await shop.asGuest().get(`/products/${id}`)
    const { position, ...first } = added.body
    assert.equal(position, 0)
    assert.deepEqual(body.images[0], first)
    assert.deepEqual([first.alt, first.width, first.height], ['Seen from the left', 2_000, 1_000])
    assert.equal(body.images.length, 2)
    await shop.caughtUp()
    const { items } = (await shop.asGuest().get('/products?q=pictured')).body
    assert.deepEqual(items.find((card: { id: string }) => card.id === id).images, [first])

    for (const [name, edge] of Object.entries({ small: 320, medium: 800, large: 1_600 })) {
      const { format, width, height } = await sharp(await bytesAt(first.sizes[name])).metadata()
      assert.deepEqual([format, width, height], ['webp', edge, edge / 2])
    }
    assert.equal((await sharp(await bytesAt(first.url)).metadata()).format, 'jpeg')
    const [small] = body.images.slice(1)
    const { width, height } = await sharp(await bytesAt(small.sizes.large)).metadata()
    assert.deepEqual([width, height], [40, 20], 'nothing is enlarged')
  })

  for (const format of ['jpeg', 'png', 'webp', 'avif'] as Format[]) {
    it(`of type ${format} are told by their content, whatever name and type they are sent with`, async () => {
      const { body, status, text } = await upload(staff, await newProduct(), await picture({ format }), {
        filename: 'misleading.php',
      })
      assert.equal(status, 201, text)
      const answer = await fetch(shop.url + body.url)
      assert.equal(answer.headers.get('content-type'), `image/${format === 'avif' ? 'webp' : format}`)
      await answer.arrayBuffer()
    })
  }

  it('are turned upright and say nothing of place, camera or owner any more', async () => {
    const exif = { IFD0: { Copyright: 'Jane Doe' }, IFD3: { GPSLatitude: '51/1 30/1 3230/100' } }
    const sideways = await painted(40, 20)
      .withExif(exif)
      .withMetadata({ orientation: 6, exif })
      .jpeg()
      .toBuffer()
    assert.ok(sideways.includes('Jane Doe') && sideways.includes('Exif'))
    const { body } = await upload(staff, await newProduct(), sideways)
    assert.deepEqual([body.width, body.height], [20, 40])
    for (const path of [body.url, ...(Object.values(body.sizes) as string[])]) {
      const bytes = await bytesAt(path)
      assert.ok(!bytes.includes('Jane Doe') && !bytes.includes('Exif') && !bytes.includes('EXIF'))
      const { width, height, orientation = 1, exif } = await sharp(bytes).metadata()
      assert.deepEqual([width, height, orientation, exif], [20, 40, 1, undefined])
    }
  })

  it('are served for ever: immutable, with their type alone, and 304 to whoever has them', async () => {
    const { body } = await upload(staff, await newProduct(), await picture())
    const answer = await fetch(shop.url + body.sizes.small)
    const header = (name: string) => answer.headers.get(name)
    assert.equal(header('cache-control'), 'public, max-age=31536000, immutable')
    assert.deepEqual([header('content-type'), header('x-content-type-options')], ['image/webp', 'nosniff'])
    const lines = [`GET ${body.sizes.small} HTTP/1.1`, 'Host: shop', 'Connection: close']
    // Not by fetch, which asks for a fresh answer whenever it is told a tag.
    const request = [...lines, `If-None-Match: ${header('etag')}`, '', ''].join('\r\n')
    assert.equal(statusOf(await sendRaw(shop.url, request)), 304)
    await answer.arrayBuffer()
    const conditions = {
      'if-match': '"other"',
      'if-unmodified-since': 'Mon, 01 Jan 2001 00:00:00 GMT',
      range: 'bytes=0-9',
    }
    assert.equal((await shop.asGuest().get(body.sizes.small, conditions)).status, 200)
    assert.equal((await shop.asGuest().request('HEAD', body.url)).status, 200)
    const key = body.url.split('/')[2]
    for (const path of [`/media/${key}/huge.webp`, `/media/${key}/..%2f${key}`, '/media/making/small.webp'])
      assert.equal((await shop.asGuest().get(path)).status, 404)
  })

  it('get another place and another description, and go with their files', async () => {
    const id = await newProduct()
    const first = (await upload(staff, id, await picture())).body
    const second = (await upload(staff, id, await picture(), { fields: { position: '0' } })).body
    assert.equal(second.position, 0)
    const order = async () =>
      (await staff.get(`/products/${id}`)).body.images.map((image: { id: string }) => image.id)
    assert.deepEqual(await order(), [second.id, first.id])
    const guest = shop.asGuest()
    const inCart = async () => (await guest.get('/cart')).body.items[0].image.id
    await guest.post('/cart/items', { product_id: id, quantity: 1 })
    assert.equal(await inCart(), second.id)
    const changed = await staff.patch(`/products/${id}/images/${first.id}`, { alt: 'In front', position: 0 })
    assert.deepEqual([changed.status, changed.body.alt, changed.body.position], [200, 'In front', 0])
    assert.deepEqual(await order(), [first.id, second.id])
    assert.equal(await inCart(), first.id)
    const stale = { 'if-match': second && '"1-abc"' }
    assert.equal((await staff.delete(`/products/${id}/images/${first.id}`, stale)).status, 412)
    assert.equal((await staff.delete(`/products/${id}/images/${first.id}`)).status, 204)
    assert.deepEqual(await order(), [second.id])
    assert.equal(await inCart(), second.id)
    assert.equal((await fetch(shop.url + first.url)).status, 404)
    assert.equal((await fetch(shop.url + second.url)).status, 200)
    for (const gone of [
      await staff.delete(`/products/${id}/images/${first.id}`),
      await staff.patch(`/products/${id}/images/${first.id}`, { alt: '' }),
    ])
      assert.deepEqual([gone.status, gone.body.code], [404, 'image_not_found'])
    assert.equal((await staff.patch(`/products/${id}/images/${second.id}`, {})).status, 422)
    assert.equal((await staff.patch(`/products/${id}/images/${second.id}`, { position: 12 })).status, 422)
  })

  it('are at most twelve a product, however many come at once', async () => {
    const id = await newProduct()
    const bytes = await picture()
    const before = kept().length
    const answers = await Promise.all(Array.from({ length: 15 }, () => upload(staff, id, bytes)))
    const statuses = Map.groupBy(answers, ({ status }) => status)
    assert.deepEqual([statuses.get(201)?.length, statuses.get(409)?.length], [12, 3])
    assert.equal(statuses.get(409)![0]!.body.code, 'too_many_images')
    assert.equal((await staff.get(`/products/${id}`)).body.images.length, 12)
    assert.equal(kept().length, before + 12, 'what found no room has left no files')
  })

  it('are added once under one Idempotency-Key, which knows the file by its bytes', async () => {
    const id = await newProduct()
    const headers = { 'idempotency-key': 'one picture' }
    const first = await upload(staff, id, await picture(), { headers })
    const again = await upload(staff, id, await picture(), { headers })
    assert.deepEqual([again.status, again.body], [201, first.body])
    assert.equal(again.headers.get('idempotent-replayed'), 'true')
    const other = await upload(staff, id, await picture({ width: 41 }), { headers })
    assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])
    assert.equal((await staff.get(`/products/${id}`)).body.images.length, 1)
  })

  it('tell the log that the product has changed, and what of it', async () => {
    const id = await newProduct()
    const { headers } = await upload(staff, id, await picture())
    assert.match(headers.get('etag')!, /^"2-/, 'the version is that of the product')
    await shop.caughtUp()
    const { log } = shop.application
    const pages = Array.from({ length: 12 }, (_, at) => log.read('ecommerce-inventory', at, 0, 1_000))
    const events = (await Promise.all(pages)).flat().map(({ json }) => JSON.parse(json))
    const told = events.filter(
      ({ type, subject }) => type === 'product_updated' && subject === `products/${id}`,
    )
    assert.deepEqual(
      told.map(({ data }) => data.changed),
      [['images']],
    )
  })

  it('that are refused leave nothing', async () => {
    const id = await newProduct()
    const before = kept()
    const jpeg = await picture({ width: 600, height: 600, format: 'jpeg' })
    const refusals = {
      damaged_image: await upload(staff, id, jpeg.subarray(0, jpeg.length / 2)),
      not_an_image: await upload(staff, id, Buffer.from('GIF89a, or so')),
      invalid_body: await upload(staff, id, jpeg, { fields: { alt: 'x'.repeat(501) } }),
      product_not_found: await upload(staff, 'no-such-product', jpeg),
      version_moved: await upload(staff, id, jpeg, { headers: { 'if-match': '"7-abc"' } }),
    }
    for (const [code, { body }] of Object.entries(refusals)) assert.equal(body.code, code)
    const empty = formOf([{ name: 'alt', value: 'no file' }])
    const answer = await staff.request('POST', `/products/${id}/images`, empty)
    assert.deepEqual([answer.status, answer.body.errors[0].pointer], [422, '/file'])
    assert.deepEqual(kept(), before)
    assert.equal((await staff.get(`/products/${id}`)).body.version, 1)
  })
})

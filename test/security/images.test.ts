import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { crc32, deflateRawSync } from 'node:zlib'
import type { Answer, Client } from '../support/http-client.ts'
import { filePart, formOf, type Part, picture, upload } from '../support/images.ts'
import { type RunningShop, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'

const MIB = 1024 * 1024
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

describe('uploads that must be refused', () => {
  let shop: RunningShop
  let staff: Client
  let product: string
  let bytes: Buffer
  before(async () => {
    shop = await startShop()
    staff = await shop.asStaff()
    bytes = await picture()
    const { body } = await staff.post('/products', { name: 'Safe', price: { amount: 1, currency: 'USD' } })
    product = body.id
  })
  after(() => shop.stop())

  const send = (parts: Part[]) => staff.request('POST', `/products/${product}/images`, formOf(parts))
  const images = async () => (await staff.get(`/products/${product}`)).body.images
  const files = () => readdirSync(join(shop.directory, 'media'), { recursive: true }).sort()

  /** A form that does not say how long it is. */
  async function chunked(file: Buffer): Promise<Answer> {
    const { raw, headers } = formOf([filePart(file)])
    const url = `${shop.url}/products/${product}/images`
    const body = new Blob([new Uint8Array(raw)]).stream()
    const authorization = staff.headers.authorization!
    const answer = await fetch(url, {
      ...{ method: 'POST', body, duplex: 'half' },
      headers: { ...headers, authorization },
    } as RequestInit)
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) }
  }

  /** Refused, with nothing changed and nothing of the request in the answer. */
  async function refused(wanted: number, code: string, attempt: () => Promise<Answer>): Promise<void> {
    await staff.get('/health')
    const before = [await images(), files()]
    const { status, body, text } = await attempt()
    assert.deepEqual([status, body.code], [wanted, code], text)
    assert.ok(!text.includes('stack') && !text.includes('alert') && !text.includes('169.254'))
    assert.deepEqual([await images(), files()], before)
  }

  it('API4-14 too large, too many parts, too many pixels, and whatever only calls itself an image', async () => {
    const over = Buffer.alloc(10 * MIB + 1)
    bytes.copy(over)
    await refused(413, 'file_too_large', () => upload(staff, product, over))
    await refused(413, 'body_too_large', () => upload(staff, product, Buffer.alloc(11 * MIB)))
    await refused(413, 'body_too_large', () => chunked(Buffer.alloc(11 * MIB)))
    const many = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `f${at}`, value: 'x' }))
    await refused(413, 'too_many_parts', () => send([...many(1_001), filePart(bytes)]))
    await refused(413, 'too_many_parts', () => send([...many(101), filePart(bytes)]))
    await refused(413, 'too_many_parts', () => send([filePart(bytes), { ...filePart(bytes), name: 'file2' }]))
    await refused(413, 'too_many_pixels', () => upload(staff, product, hugePng(50_000, 8)))
    await refused(413, 'too_many_pixels', () => upload(staff, product, hugePng(5_000, 16)))
    await refused(400, 'not_an_image', () => upload(staff, product, zip(), { filename: 'a.png' }))
    await refused(400, 'not_an_image', () => upload(staff, product, Buffer.from(SVG), { filename: 'a.png' }))
    await refused(400, 'not_an_image', () => upload(staff, product, Buffer.alloc(0)))
    await refused(400, 'damaged_image', () => upload(staff, product, bytes.subarray(0, bytes.length - 30)))
  })

  it('API4-14 a name that leads out of the folder names nothing: names are made by the server', async () => {
    const { status, body } = await upload(staff, product, bytes, { filename: '../../a.php%00.png' })
    assert.equal(status, 201)
    assert.match(body.url, /^\/media\/med_[0-9a-z]{26}\/original\.png$/)
    assert.ok(!files().some((name) => String(name).includes('php')))
    await staff.delete(`/products/${product}/images/${body.id}`)
  })

  it('API4-14 what hides behind the end of an image is not kept', async () => {
    const { body } = await upload(staff, product, Buffer.concat([bytes, Buffer.from(SVG)]))
    const kept = Buffer.from(await (await fetch(shop.url + body.url)).arrayBuffer())
    assert.ok(!kept.includes('<script'))
    await staff.delete(`/products/${product}/images/${body.id}`)
  })

  it('a form that is none, holds a field twice, or its file elsewhere', async () => {
    await refused(400, 'bad_form', () => send([{ ...filePart(bytes), name: 'picture' }]))
    await refused(400, 'bad_form', () => send([{ name: 'file', value: 'no file at all' }]))
    await refused(400, 'bad_form', () =>
      send([
        { name: 'alt', value: 'a' },
        { name: 'alt', value: 'b' },
      ]),
    )
    await refused(400, 'bad_form', () => send([{ name: '__proto__', value: 'a' }, filePart(bytes)]))
    await refused(415, 'unsupported_media_type', () => staff.post(`/products/${product}/images`, {}))
    const { headers, raw } = formOf([filePart(bytes)])
    await refused(400, 'bad_form', () =>
      staff.request('POST', `/products/${product}/images`, {
        headers,
        raw: raw.subarray(0, raw.length - 20),
      }),
    )
  })

  it('an upload that is cut off leaves nothing, and the shop goes on', async () => {
    const before = [await images(), files()]
    const { raw, headers } = formOf([filePart(bytes)])
    const { hostname, port } = new URL(shop.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    const head = {
      ...{ host: 'shop', authorization: staff.headers.authorization, 'content-length': raw.length },
      ...headers,
    }
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`)
    socket.write(`POST /products/${product}/images HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    await new Promise((resolve) => socket.write(raw.subarray(0, raw.length / 2), resolve))
    const metrics = async () => (await shop.asGuest().get('/metrics')).text
    await until(async () => (await metrics()).includes('http_requests_in_hand 2'))
    socket.destroy()
    await until(async () => (await metrics()).includes('http_requests_in_hand 1'))
    assert.deepEqual([await images(), files()], before)
    assert.deepEqual(
      shop.warnings.filter(({ level }) => level === 'error'),
      [],
    )
  })

  it('API1-11 an image is of its product and of staff: nobody else removes it', async () => {
    const { body } = await upload(staff, product, bytes)
    const path = `/products/${product}/images/${body.id}`
    assert.equal((await shop.asGuest().delete(path)).status, 401)
    const customer = await shop.registerCustomer()
    assert.equal((await customer.delete(path)).status, 403)
    assert.equal((await customer.patch(path, { alt: 'mine' })).status, 403)
    assert.equal((await upload(customer, product, bytes)).status, 403)
    const price = { amount: 1, currency: 'USD' }
    const other = (await staff.post('/products', { name: 'Another', price })).body.id
    assert.equal((await staff.delete(`/products/${other}/images/${body.id}`)).status, 404)
    assert.equal((await images()).length, 1)
    assert.equal((await staff.delete(path)).status, 204)
  })

  it('API1-12, API7-07 folder, key and name under which a file is kept are chosen by nobody but the shop', async () => {
    for (const name of ['folder', 'public_id', 'key', 'store', 'id', 'url'])
      await refused(422, 'invalid_body', () => send([{ name, value: '../users/B' }, filePart(bytes)]))
  })

  it('API7-01, API7-02, API7-03, API7-06 an image by its address is not taken, and nothing is fetched', async () => {
    let fetched = 0
    const inside = createServer((_request, response) => {
      fetched++
      response.end()
    })
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
    const { port } = inside.address() as AddressInfo
    const addresses = [
      ...[
        'http://169.254.169.254/latest/meta-data',
        `http://localhost:${port}/a.png`,
        `http://127.1:${port}`,
      ],
      ...[`http://[::1]:${port}`, `http://0x7f000001:${port}`, `http://[::ffff:127.0.0.1]:${port}`],
      ...['file:///etc/passwd', 'gopher://localhost', 'ftp://localhost/a.png', 'https://example.org/a.png'],
      `data:image/png;base64,${bytes.toString('base64')}`,
    ]
    for (const address of addresses) {
      await refused(422, 'invalid_body', () =>
        staff.patch(`/products/${product}`, { images: [{ url: address }] }),
      )
      await refused(400, 'bad_form', () => send([{ name: 'file', value: address }]))
      await refused(400, 'not_an_image', () => upload(staff, product, Buffer.from(address)))
      await refused(415, 'unsupported_media_type', () =>
        staff.post(`/products/${product}/images`, { file: address }),
      )
    }
    inside.close()
    assert.equal(fetched, 0)
  })
})

/** Some hundred bytes that say they are a square of so many pixels an edge. */
function hugePng(edge: number, depth: 8 | 16): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(edge, 0)
  header.writeUInt32BE(edge, 4)
  header.set([depth, 2, 0, 0, 0], 8)
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const pixels = chunk('IDAT', Buffer.from([0x78, 0x9c, ...deflateRawSync(Buffer.alloc(1_000))]))
  return Buffer.concat([start, chunk('IHDR', header), pixels, chunk('IEND', Buffer.alloc(0))])
}

/** An archive with one empty file. */
function zip(): Buffer {
  const entry = Buffer.alloc(31)
  entry.writeUInt32LE(0x04034b50, 0)
  entry.writeUInt16LE(1, 26)
  entry.write('a', 30)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  return Buffer.concat([entry, end])
}

import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, describe, it } from 'node:test'
import {
  type Asset,
  type CloudinaryDouble,
  DOUBLE_ACCOUNT,
  startCloudinaryDouble,
} from '../servers/cloudinary-double.ts'
import type { Client } from '../support/http-client.ts'
import { picture, upload } from '../support/images.ts'
import { type RunningShop, startShop } from '../support/shop.ts'

const { cloud_name, api_key, api_secret } = DOUBLE_ACCOUNT

describe('images at Cloudinary', () => {
  let double: CloudinaryDouble
  let shop: RunningShop
  let staff: Client
  let product: string
  let bytes: Buffer
  before(async () => {
    double = await startCloudinaryDouble()
    shop = await startShop({
      environment: {
        CLOUDINARY_CLOUD_NAME: cloud_name,
        CLOUDINARY_API_KEY: api_key,
        CLOUDINARY_API_SECRET: api_secret,
        CLOUDINARY_API_URL: double.url,
      },
    })
    staff = await shop.asStaff()
    bytes = await picture()
    const { body } = await staff.post('/products', { name: 'Afar', price: { amount: 1, currency: 'USD' } })
    product = body.id
  })
  after(async () => {
    await shop.stop()
    await double.close()
  })

  const images = async () => (await staff.get(`/products/${product}`)).body.images

  it('lie there with three sizes, under addresses of the account, and go from there', async () => {
    const { status, body, text } = await upload(staff, product, bytes)
    assert.equal(status, 201, text)
    const addresses = [body.url, ...(Object.values(body.sizes) as string[])]
    for (const url of addresses) assert.match(url, /^https:\/\/res\.cloudinary\.com\/double\/image\/upload\//)
    assert.match(body.sizes.small, /c_limit,h_320,q_80,w_320.*\.webp$/)
    const [[id, asset]] = [...double.assets] as [[string, Asset], ...unknown[]]
    assert.match(id, /^tradewind\/med_[0-9a-z]{26}$/)
    assert.deepEqual([...asset.bytes.subarray(1, 4)], [...Buffer.from('PNG')])
    assert.equal((await staff.delete(`/products/${product}/images/${body.id}`)).status, 204)
    assert.equal(double.assets.size, 0)
  })

  it('API10-14 what is signed is chosen by the shop alone, for one file, and the secret stays here', async () => {
    const before = double.asked.length
    const { body } = await upload(staff, product, bytes, { fields: { alt: 'public_id=x&overwrite=true' } })
    const [asked] = double.asked.slice(before)
    const names = ['allowed_formats', 'api_key', 'eager', 'overwrite', 'public_id', 'signature', 'timestamp']
    assert.deepEqual(Object.keys(asked!.form).sort(), names)
    assert.equal(asked!.form.overwrite, 'false')
    for (const { text } of double.asked)
      assert.ok(!text.includes(api_secret) && !text.includes('public_id=x'))
    assert.equal((await staff.post('/uploads/sign', { folder: 'users/B' })).status, 404)
    await staff.delete(`/products/${product}/images/${body.id}`)
  })

  it('API10-13 an answer with a foreign host, a script or another file is not believed', async () => {
    const lies: ((honest: Record<string, string>) => object)[] = [
      (honest) => ({
        ...honest,
        secure_url: honest.secure_url!.replace('res.cloudinary.com', 'evil.example'),
      }),
      (honest) => ({ ...honest, secure_url: honest.secure_url!.replace('https:', 'http:') }),
      (honest) => ({ ...honest, secure_url: honest.secure_url!.replace('/double/', '/another/') }),
      (honest) => ({ ...honest, secure_url: `javascript:alert(1)//${honest.public_id}` }),
      (honest) => ({ ...honest, secure_url: `${honest.secure_url}"><script>` }),
      (honest) => ({ ...honest, public_id: 'tradewind/another' }),
      (honest) => ({ ...honest, eager: [] }),
      (honest) => ({ ...honest, eager: Array(3).fill({ secure_url: 'https://evil.example/a.webp' }) }),
      () => ({}),
    ]
    for (const lie of lies) {
      double.misbehave((response, honest) => json(response, 200, lie(honest as Record<string, string>)))
      const { status, body } = await upload(staff, product, bytes)
      assert.deepEqual([status, body.code], [503, 'media_unavailable'], String(lie))
      assert.deepEqual(await images(), [])
    }
    double.misbehave()
  })

  it('API7-04 a redirect, an error, nonsense or far too much is no answer, and a redirect is not followed', async () => {
    let followed = 0
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(302, { location: `${double.url}/followed` }).end(),
      (response) => response.writeHead(307, { location: `${double.url}/followed` }).end(),
      (response) => json(response, 500, { error: { message: api_secret } }),
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      (response) => response.writeHead(200).end(Buffer.alloc(1024 * 1024, ' ')),
      (response) => response.destroy(),
    ]
    for (const answer of answers) {
      double.misbehave(answer)
      const asked = double.asked.length
      const { status, body } = await upload(staff, product, bytes)
      assert.deepEqual([status, body.code], [503, 'media_unavailable'], String(answer))
      followed += double.asked.length - asked - 1
    }
    double.misbehave()
    assert.equal(followed, 0)
    assert.deepEqual(await images(), [])
    const told = JSON.stringify(shop.warnings)
    assert.ok(
      !told.includes(api_secret) && !/signature=|[0-9a-f]{40}/.test(told),
      'the log holds nothing secret',
    )
  })

  it('are a line of the health, which fails while the account does not answer', async () => {
    assert.equal((await shop.asGuest().get('/health')).body.checks.media.status, 'ok')
    const asked = double.asked.at(-1)
    assert.deepEqual([asked?.action, asked?.form.public_id], ['destroy', 'tradewind/health'])
  })
})

it('an account with a wrong secret keeps no image, and the health says so', async () => {
  const double = await startCloudinaryDouble()
  const shop = await startShop({
    environment: {
      CLOUDINARY_CLOUD_NAME: cloud_name,
      CLOUDINARY_API_KEY: api_key,
      CLOUDINARY_API_SECRET: 'another secret',
      CLOUDINARY_API_URL: double.url,
    },
  })
  try {
    const { media } = (await shop.asGuest().get('/health')).body.checks
    assert.deepEqual(media.message, 'Cloudinary does not accept the key or the signature (401)')
    assert.equal((await shop.asGuest().get('/health/ready')).status, 200)
  } finally {
    await shop.stop()
    await double.close()
  }
})

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ConfigurationError, readConfig } from '../../src/config.ts'
import { createClient } from '../support/http-client.ts'
import { serve } from '../support/http-server.ts'
import { type RunningShop, startShop } from '../support/shop.ts'

const SECRET = 'Zm9ydHktZWlnaHQgcmFuZG9tIGJ5dGVzIHRoYXQgYXJlIGxvbmc'
const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET_KEY: SECRET,
  ADMIN_EMAIL: 'owner@lamps.example',
  ADMIN_PASSWORD: 'a long enough passphrase',
  BCRYPT_COST: '10',
  METRICS_TOKEN: 'metrics-token-of-16',
  SHUTDOWN_DELAY: '0',
}

const CLOUDINARY = {
  CLOUDINARY_CLOUD_NAME: 'pencil',
  CLOUDINARY_API_KEY: '123456789',
  CLOUDINARY_API_SECRET: 'a secret pencil',
}
const STRIPE = { STRIPE_SECRET_KEY: 'sk_live_pencil', STRIPE_WEBHOOK_SECRET: 'whsec_pencil' }

let shop: RunningShop
before(async () => {
  shop = await startShop({ environment: PRODUCTION })
})
after(() => shop.stop())

test('API8-19 in production figures, documents and details of the health are for those with the token', async () => {
  const { url } = shop
  const outside = createClient({ url })
  for (const path of ['/metrics', '/docs', '/docs/json', '/openapi.json', '/asyncapi.json'])
    assert.equal((await outside.get(path)).status, 404, path)
  assert.deepEqual((await outside.get('/health')).body, { status: 'ok' })
  const scraper = createClient({ url, headers: { authorization: `Bearer ${PRODUCTION.METRICS_TOKEN}` } })
  assert.match((await scraper.get('/metrics')).text, /http_request_duration_seconds_bucket/)
  const { body } = await scraper.get('/health')
  assert.equal(body.checks.storage.status, 'ok')
  assert.match(body.warnings.join(), /RATE_LIMITS/)
  const wrong = createClient({ url, headers: { authorization: 'Bearer metrics-token-of-17' } })
  assert.equal((await wrong.get('/metrics')).status, 404)
})

test('API8-19 without a token the figures are for this machine only, not for those whom a proxy lets in', async () => {
  const served = await serve({})
  assert.equal((await served.client.get('/metrics')).status, 200)
  assert.equal((await served.client.get('/metrics', { 'x-forwarded-for': '127.0.0.1' })).status, 404)
  await served.close()
})

test('API8-20 files of the program are not served', async () => {
  for (const path of [
    '/.git/config',
    '/.env',
    '/package.json',
    '/admin/app.js.map',
    '/src/main.ts',
    '/docs/../.env',
  ])
    assert.equal((await shop.asGuest().get(path)).status, 404, path)
})

test('API8-12 what a caller says of the way it came is ignored without a trusted proxy', async () => {
  const headers = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-for': '192.0.2.1',
  }
  const { status, headers: answered, text } = await shop.asGuest().get('/products', headers)
  assert.equal(status, 200)
  assert.ok(!text.includes('evil.example') && !JSON.stringify([...answered]).includes('evil.example'))
})

test('API8-18 no parameter redirects', async () => {
  for (const path of ['/products?next=//evil.example', '/?next=//evil.example', '//evil.example/%2e%2e']) {
    const { status, headers } = await shop.asGuest().get(path)
    assert.ok(status >= 400, path)
    assert.equal(headers.get('location'), null)
  }
})

test('API8-22 production refuses what everybody knows', () => {
  const start = (change: Record<string, string | undefined>) => () => readConfig({ ...PRODUCTION, ...change })
  assert.doesNotThrow(start({}))
  assert.doesNotThrow(start({ ...STRIPE, ...CLOUDINARY }))
  for (const change of [
    { ADMIN_PASSWORD: undefined },
    { ADMIN_EMAIL: undefined },
    { ADMIN_EMAIL: 'Admin@Ecommerce.com' },
    { JWT_SECRET_KEY: undefined },
    { JWT_SECRET_KEY: 'short' },
    { JWT_SECRET_KEY: 'change-me-change-me-change-me-change-me' },
    { BCRYPT_COST: '4' },
    { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' },
    { STRIPE_SECRET_KEY: 'rk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' },
    { ...CLOUDINARY, CLOUDINARY_API_URL: 'http://localhost' },
    { ...STRIPE, STRIPE_API_URL: 'https://api.example' },
    { CLOCK_OFFSET_FILE: '/offset' },
  ])
    assert.throws(start(change), ConfigurationError, JSON.stringify(change))
})

test('options of Kafka without Kafka, and half a sign-in, stop the start with a sentence', () => {
  const start = (change: Record<string, string>) => () => readConfig(change)
  assert.throws(start({ KAFKA_API_KEY: 'KEY', KAFKA_API_SECRET: 'S' }), /KAFKA_BOOTSTRAP_SERVERS is absent/)
  const brokers = { KAFKA_BOOTSTRAP_SERVERS: 'a.example:9092, [::1]:9093' }
  assert.throws(start({ ...brokers, KAFKA_API_KEY: 'KEY' }), /belong together/)
  assert.throws(start({ KAFKA_BOOTSTRAP_SERVERS: 'broker' }), /must be up to 20 addresses/)
  assert.throws(start({ MONGODB_URL: 'http://user:pencil@host' }), (error: Error) => {
    assert.match(error.message, /MONGODB_URL is a secret of \d+ characters, but must be a URL/)
    return !error.message.includes('pencil')
  })
  assert.deepEqual(readConfig(brokers).KAFKA_BOOTSTRAP_SERVERS, ['a.example:9092', '[::1]:9093'])
})

test('half of what Stripe or Cloudinary needs, and keys of another kind, stop the start with a sentence', () => {
  const start = (change: Record<string, string>) => () => readConfig(change)
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET } = STRIPE
  assert.throws(start({ STRIPE_SECRET_KEY }), /belong together/)
  assert.throws(start({ STRIPE_WEBHOOK_SECRET }), /belong together/)
  for (const name of Object.keys(CLOUDINARY))
    assert.throws(start({ ...CLOUDINARY, [name]: undefined }), /belong together/)
  assert.throws(start({ CLOUDINARY_API_URL: 'http://localhost' }), /CLOUDINARY_CLOUD_NAME is absent/)
  for (const name of ['STRIPE_RETURN_URL', 'STRIPE_API_URL'])
    assert.throws(start({ [name]: 'https://shop.example' }), /STRIPE_SECRET_KEY is absent/, name)
  assert.throws(start({ STRIPE_PREVIOUS_WEBHOOK_SECRET: 'whsec_1' }), /STRIPE_SECRET_KEY is absent/)
  assert.throws(start({ ...STRIPE, STRIPE_RETURN_URL: 'shop.example' }), /STRIPE_RETURN_URL .*must be a URL/)
  for (const wrong of ['pk_live_pencil', 'sk_live_', 'sk_live_pen cil', 'pencil'])
    assert.throws(start({ ...STRIPE, STRIPE_SECRET_KEY: wrong }), (error: Error) => {
      assert.match(
        error.message,
        /STRIPE_SECRET_KEY is a secret of \d+ characters, but must be a text such as/,
      )
      return !error.message.includes('pen')
    })
  assert.throws(
    start({ ...STRIPE, STRIPE_WEBHOOK_SECRET: 'sk_live_pencil' }),
    /must be a text such as whsec_…/,
  )
  assert.equal(readConfig(STRIPE).STRIPE_SECRET_KEY, STRIPE_SECRET_KEY)
})

test('a server for mails without a sender or an address for links, and anything but mailboxes, stop the start', () => {
  const start = (change: Record<string, string>) => () => readConfig(change)
  const SMTP_URL = 'smtps://shop:pencil@mail.example'
  const [MAIL_FROM, PUBLIC_URL] = ['Lamps & Co <orders@lamps.example>', 'https://lamps.example/']
  assert.throws(start({ SMTP_URL, PUBLIC_URL }), /MAIL_FROM, who mails are from, is absent/)
  assert.throws(start({ SMTP_URL, MAIL_FROM }), /PUBLIC_URL, which links in mails begin with, is absent/)
  assert.throws(start({ SMTP_URL: 'https://shop:pencil@mail.example' }), (error: Error) => {
    assert.match(error.message, /SMTP_URL is a secret of \d+ characters, but must be a URL/)
    return !error.message.includes('pencil')
  })
  for (const wrong of [
    'orders',
    'a@x.example, b@x.example',
    'A <a@x.example> <b@x.example>',
    'A\n<a@x.example>',
  ])
    assert.throws(start({ MAIL_FROM: wrong }), /MAIL_FROM .*must be an address such as/s, wrong)
  const config = readConfig({ SMTP_URL, MAIL_FROM, PUBLIC_URL })
  assert.deepEqual(config.MAIL_FROM, { name: 'Lamps & Co', address: 'orders@lamps.example' })
  assert.deepEqual(readConfig({ MAIL_FROM: 'a@x.example' }).MAIL_FROM, { name: '', address: 'a@x.example' })
})

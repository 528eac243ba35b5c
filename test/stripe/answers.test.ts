import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import tls from 'node:tls'
import type { Outcome, PaymentProvider } from '../../src/payments/provider.ts'
import { type Misbehaviour, startStripeDouble } from '../servers/stripe-double.ts'
import { makeCertificates } from '../servers/tls.ts'
import { made, openAdapter, openWorld, told } from './world.ts'

/** Of whoever asks what is silent. */
const SHORT_DEADLINE_MS = 500
const json = { 'content-type': 'application/json' }

const error =
  (status: number, about: object): Misbehaviour =>
  (response) => {
    response.writeHead(status, json)
    response.end(JSON.stringify({ error: { message: 'sk_test_secret', ...about } }))
  }
const body =
  (status: number, text: string, headers: Record<string, string> = json): Misbehaviour =>
  (response) => {
    response.writeHead(status, headers)
    response.end(text)
  }
const intent = { id: 'pi_1', object: 'payment_intent', status: 'requires_capture', amount: 1_000 }

/** What no answer may be taken for a refusal, nor for a yes; with a part of what is said of it. */
const NONSENSE: [name: string, how: Misbehaviour, reason: RegExp][] = [
  [
    'HTML',
    body(200, '<html>Maintenance</html>', { 'content-type': 'text/html' }),
    /something else than JSON/,
  ],
  ['HTML, 502', body(502, '<html>Bad gateway</html>'), /something else than JSON/],
  ['302', body(302, JSON.stringify(intent), { ...json, location: '/elsewhere' }), /a redirect/],
  ['307', body(307, '', { location: '/elsewhere' }), /a redirect/],
  ['__proto__', body(200, `{"__proto__":${JSON.stringify(intent)}}`), /does not fit/],
  ['error in __proto__', body(400, '{"__proto__":{"error":{"code":"resource_missing"}}}'), /another form/],
  ['an empty object', body(200, '{}'), /does not fit/],
  ['null', body(200, 'null'), /another form/],
  ['a list', body(200, '[]'), /another form/],
  ['nothing', body(200, ''), /something else than JSON/],
  ['a status that is new', body(200, JSON.stringify({ ...intent, status: 'requires_luck' })), /does not fit/],
  ['silence', () => {}, /within 0.5 s/],
  ['half an answer', (response) => void response.writeHead(200, json).write('{"id":'), /within 0.5 s/],
  ['a reset', (response) => void response.destroy(), /no connection/],
  ['409', error(409, { type: 'invalid_request_error', code: 'idempotency_key_in_use' }), /409/],
  ['429', error(429, { type: 'invalid_request_error', code: 'rate_limit' }), /429/],
  ['429, a lock', error(429, { type: 'invalid_request_error', code: 'lock_timeout' }), /lock_timeout/],
  ['500', error(500, { type: 'api_error' }), /500/],
  ['503 with a decline', error(503, { type: 'card_error', code: 'card_declined' }), /503/],
  ['402 that is no decline', error(402, { type: 'api_error' }), /402/],
  ['401', error(401, { type: 'invalid_request_error' }), /does not accept STRIPE_SECRET_KEY/],
  ['403', error(403, { type: 'invalid_request_error' }), /does not accept STRIPE_SECRET_KEY/],
  ['an error as a text', body(400, '{"error":"invalid_grant"}'), /another form/],
]

test('API10-11 what is no answer of Stripe leaves every operation unknown, and a repeat finds out', async (t) => {
  for (const [name, how, reason] of NONSENSE) {
    const { provider, double } = await openWorld(t)
    const { on, create } = await made({ provider })
    const impatient = openAdapter({ api_url: double.url, deadline_ms: SHORT_DEADLINE_MS }).provider
    // Each with the requests that may go wrong: those that look first, and the change behind them.
    const operations: [name: string, places: number[], ask: (by: PaymentProvider) => Promise<Outcome>][] = [
      ['create', [0], (by) => by.create({ ...create, key: `${create.key}:again` })],
      ['authorise', [0], (by) => by.authorise({ ...on('authorise:1'), method: 'pm_card_visa' })],
      ['capture', [0, 1], (by) => by.capture({ ...on('capture:1'), amount: 1_000 })],
      ['refund', [0, 2], (by) => by.refund({ ...on('refund:1'), amount: 400 })],
    ]
    for (const [operation, places, ask] of operations) {
      for (const before of places) {
        double.misbehave('not', { times: before })
        double.misbehave(how)
        const outcome = await ask(reason.source.startsWith('within') ? impatient : provider)
        assert.ok(outcome.outcome === 'unknown', `${name}: ${operation} is ${told(outcome)}`)
        assert.match(outcome.reason, reason, `${name}: ${operation}`)
        assert.ok(!outcome.reason.includes('sk_'), outcome.reason)
      }
      assert.equal(told(await ask(provider)), 'done', `${name}: ${operation} again`)
    }
    double.misbehave(how)
    await assert.rejects(impatient.list(0, null, 10), reason, `${name}: list`)
    assert.ok(
      double.asked.every(({ path }) => path !== '/elsewhere'),
      'no redirect is followed',
    )
    assert.equal(({} as { id?: string }).id, undefined, 'nothing is taken over into every object')
  }
})

test('a no that nothing explains is not known of money that should be taken, and refuses a try to pay', async (t) => {
  const { provider, double, warnings } = await openWorld(t)
  const { on, create } = await made({ provider })
  const no = (status: number) => error(status, { type: 'invalid_request_error', code: 'new' })
  for (const status of [400, 404]) {
    double.misbehave(no(status))
    const authorise = { ...on(`authorise:${status}`), method: 'pm_card_visa' }
    assert.equal(told(await provider.authorise(authorise)), 'invalid_method')
    double.misbehave(no(status))
    assert.equal(told(await provider.create({ ...create, key: 'again' })), 'unknown')
  }
  assert.deepEqual(warnings[0], { order_id: create.order_id, reason: 'Stripe answered 400 (new)' })
  assert.equal(told(await provider.authorise({ ...on('authorise:1'), method: 'pm_card_visa' })), 'done')
  double.misbehave('not')
  double.misbehave(no(400))
  const capture = { ...on('capture:1'), amount: 1_000 }
  assert.equal(told(await provider.capture(capture)), 'unknown')
  assert.equal(told(await provider.capture(capture)), 'done')
})

test('an object that is not there is not known, and never a refusal', async (t) => {
  const { provider } = await openWorld(t)
  const on = { key: 'a', object_id: 'pi_gone' }
  for (const outcome of [
    await provider.authorise({ ...on, method: 'pm_card_visa' }),
    await provider.capture({ ...on, amount: 1_000 }),
    await provider.cancel(on),
    await provider.refund({ ...on, amount: 400 }),
  ])
    assert.equal(told(outcome), 'unknown')
  assert.equal(await provider.find('pi_gone'), undefined)
})

test('API10-11 an answer without end is read up to a bound, and its connection closed', async (t) => {
  const { provider, double } = await openWorld(t)
  let written = 0
  const chunk = Buffer.alloc(64 * 1024, ' ')
  const closed = new Promise((resolve) => {
    double.misbehave((response) => {
      response.writeHead(200, json)
      response.once('close', resolve)
      const more = () => {
        while (!response.destroyed) {
          written += chunk.length
          if (!response.write(chunk)) return
        }
      }
      response.on('drain', more)
      more()
    })
  })
  const outcome = await provider.create({
    key: 'ord_1:create:1',
    order_id: 'ord_1',
    amount: 1_000,
    currency: 'EUR',
  })
  assert.deepEqual(outcome, { outcome: 'unknown', reason: 'Stripe answered more than can be read' })
  await closed
  assert.ok(written < 10 * 1024 * 1024, `${written} bytes were sent`)
})

test('API10-11 a connection that is reset is not tried again by the library', async (t) => {
  const { provider, double } = await openWorld(t)
  double.misbehave((response) => void response.destroy(), { times: 5 })
  assert.equal(told(await provider.cancel({ key: 'a', object_id: 'pi_1' })), 'unknown')
  assert.equal(double.asked.length, 1)
})

test('every request names its key and the version of the API that the shop was written for', async (t) => {
  const { provider, double } = await openWorld(t)
  const { on } = await made({ provider })
  await provider.cancel(on('cancel:1'))
  assert.deepEqual(new Set(double.asked.map(({ version }) => version)), new Set(['2026-10-28.endive']))
  assert.ok(double.asked.every(({ method, key }) => method === 'GET' || key?.startsWith('ord_')))
  const [create] = double.asked
  assert.equal(create!.form.capture_method, 'manual')
  assert.match(create!.form['metadata[order_id]']!, /^ord_/)
})

test('a wrong key is unknown to all operations, and is named nowhere', async (t) => {
  const { provider, warnings } = await openWorld(t, { secret_key: 'sk_test_wrong' })
  const wanted = { key: 'a', order_id: 'ord_1', amount: 1_000, currency: 'EUR' }
  const outcome = await provider.create(wanted)
  assert.deepEqual(outcome, { outcome: 'unknown', reason: 'Stripe does not accept STRIPE_SECRET_KEY' })
  await assert.rejects(provider.find('pi_1'), (failure: Error) => {
    return !/sk_test|uble/.test(JSON.stringify([failure, failure.stack, warnings]))
  })
})

test('API10-12 a certificate that nobody vouches for ends it before anything is said', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'tradewind-stripe-'))
  t.after(() => rm(directory, { recursive: true }))
  const { ca_file, other_ca_file } = await makeCertificates(directory)
  const read = (file: string) => readFileSync(file, 'utf8')
  const [key, cert] = [read(join(directory, 'server.key')), read(join(directory, 'server.crt'))]
  const double = await startStripeDouble({ key, cert })
  t.after(() => double.close())
  const { provider } = openAdapter({ api_url: double.url })
  const wanted = { key: 'a', order_id: 'ord_1', amount: 1_000, currency: 'EUR' }
  const trusted = tls.getCACertificates()
  t.after(() => tls.setDefaultCACertificates(trusted))

  tls.setDefaultCACertificates([read(other_ca_file)])
  const outcome = await provider.create(wanted)
  assert.ok(outcome.outcome === 'unknown')
  assert.match(outcome.reason, /no connection to Stripe \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/)
  assert.equal(double.asked.length, 0)

  tls.setDefaultCACertificates([read(ca_file)])
  assert.equal(told(await provider.create(wanted)), 'done')
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Type } from 'typebox'
import { IDEMPOTENCY_KEYS, KEY_RETENTION_MS } from '../../src/http/idempotency-store.ts'
import { Refusal } from '../../src/kernel/errors.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { type Served, type ServeOptions, serve } from '../support/http-server.ts'

/** A route that counts how often it ran, and does as the body says. */
const ran: string[] = []
let gate = Promise.withResolvers<void>()

const routes: ServeOptions['routes'] = (app) => {
  const body = Type.Object(
    { do: Type.Enum(['make', 'refuse', 'later', 'fail', 'wait']) },
    { additionalProperties: false },
  )
  const response = { 201: Type.Object({ operation: Type.String() }) }
  for (const url of ['/make', '/other/:id']) {
    app.post(
      url,
      { config: { access: 'user', idempotent: true }, schema: { body, response } },
      async (request, reply) => {
        ran.push(request.operationId)
        if (request.body.do === 'refuse')
          throw new Refusal('conflict', 'nothing_left', 'There is nothing left.')
        if (request.body.do === 'later' && ran.length < 2)
          throw new Refusal('conflict', 'under_way', 'It is under way.', { retry_after_seconds: 1 })
        if (request.body.do === 'fail' && ran.length < 2) throw new Error('a dependency is away')
        if (request.body.do === 'wait') await gate.promise
        return reply.code(201).header('location', '/things/1').send({ operation: request.operationId })
      },
    )
  }
}

const directory = mkdtempSync(join(tmpdir(), 'tradewind-'))
let storage: Storage
let served: Served
let now = Date.now()

before(async () => {
  const clock = { now: () => now }
  storage = await openSqliteStorage({ directory, collections: [IDEMPOTENCY_KEYS], clock })
  served = await serve({ routes, keys: storage.collection(IDEMPOTENCY_KEYS), clock })
})
after(async () => {
  await served.close()
  await storage.close()
  rmSync(directory, { recursive: true, force: true })
})

const post = (key: string, what: string, role: 'customer' | 'admin' = 'customer', path = '/make') =>
  served.as(role).post(path, { do: what }, { 'idempotency-key': key })

test('a repeat gets the first answer again, and the operation runs once', async () => {
  ran.length = 0
  const first = await post('a', 'make')
  const again = await post('a', 'make')
  assert.equal(ran.length, 1)
  assert.deepEqual([again.status, again.text, again.headers.get('location')], [201, first.text, '/things/1'])
  assert.equal(first.headers.get('idempotent-replayed'), null)
  assert.equal(again.headers.get('idempotent-replayed'), 'true')
})

test('fifty at once with one key are one operation and one answer', async () => {
  ran.length = 0
  const answers = await Promise.all(Array.from({ length: 50 }, () => post('fifty', 'make')))
  assert.equal(ran.length, 1)
  assert.equal(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1)
})

test('a key used for another body or another address of the route is refused; spacing and order do not matter', async () => {
  ran.length = 0
  await post('b', 'make')
  assert.equal((await post('b', 'refuse')).body.code, 'idempotency_key_reused')
  const raw = ' { "do" :\n"make" } '
  const spaced = await served
    .as('customer')
    .request('POST', '/make', { raw, headers: { 'idempotency-key': 'b' } })
  assert.equal(spaced.headers.get('idempotent-replayed'), 'true')
  await post('b', 'make', 'customer', '/other/1')
  assert.equal((await post('b', 'make', 'customer', '/other/2')).status, 422)
  assert.equal(ran.length, 2, 'another route is another namespace')
})

test('API1-15 the key of one caller says nothing to another', async () => {
  ran.length = 0
  const first = await post('c', 'make')
  const other = await post('c', 'make', 'admin')
  assert.equal(ran.length, 2)
  assert.notEqual(other.text, first.text)
  assert.equal(other.headers.get('idempotent-replayed'), null)
})

test('a definite refusal is an answer; one before the operation began is not kept', async () => {
  ran.length = 0
  assert.equal((await post('d', 'refuse')).status, 409)
  const again = await post('d', 'refuse')
  assert.deepEqual([again.status, again.body.code], [409, 'nothing_left'])
  assert.equal(again.headers.get('content-type'), 'application/problem+json; charset=utf-8')
  assert.equal(ran.length, 1)
  assert.equal((await post('e', 'nonsense')).status, 422)
  assert.equal((await post('e', 'make')).status, 201)
})

test('after a failure the repeat goes on under the same operation id', async () => {
  ran.length = 0
  assert.equal((await post('f', 'fail')).status, 500)
  assert.equal((await post('f', 'fail')).status, 201)
  assert.equal(ran[0], ran[1])
})

test('what a crash broke off is gone on with by the next start', async (t) => {
  ran.length = 0
  gate = Promise.withResolvers()
  const lost = post('g', 'wait')
  while (ran.length < 1) await new Promise((resolve) => setTimeout(resolve, 5))
  // The first process hangs for good; to the storage that is as if it were gone.
  const keys = storage.collection(IDEMPOTENCY_KEYS)
  const next = await serve({ routes, keys, clock: { now: () => now } })
  t.after(() => next.close())
  const answer = next.as('customer').post('/make', { do: 'wait' }, { 'idempotency-key': 'g' })
  while (ran.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  gate.resolve()
  assert.equal((await answer).body.operation, ran[0])
  assert.equal((await lost).body.operation, ran[0])
})

test('a conflict that passes by itself is not kept: the repeat is a new try', async () => {
  ran.length = 0
  const first = await post('passing', 'later')
  assert.deepEqual([first.status, first.headers.get('retry-after')], [409, '1'])
  assert.equal((await post('passing', 'later')).status, 201)
})

test('a key that is empty, too long or not printable is refused; after seven days it is free', async () => {
  for (const key of ['', 'x'.repeat(256), 'tab\there', 'ümlaut'])
    assert.equal((await post(key, 'make')).body.code, 'bad_idempotency_key', key)
  ran.length = 0
  await post('h', 'make')
  now += KEY_RETENTION_MS + 1
  assert.equal((await post('h', 'refuse')).status, 409)
  assert.equal(ran.length, 2)
})

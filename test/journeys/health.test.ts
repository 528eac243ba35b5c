import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAnswerChecker } from '../support/answers.ts'
import { type Client, createClient } from '../support/http-client.ts'
import { type Served, serve } from '../support/http-server.ts'

let served: Served
let client: Client
before(async () => {
  served = await serve({
    checks: {
      storage: async () => {
        throw new Error('the disk is full')
      },
      stream: async () => {},
    },
  })
  const checker = createAnswerChecker(served.server.document() as never)
  client = createClient({ url: served.url, onAnswer: checker.check })
})
after(() => served.close())

test('a shop that cannot write is alive, not well, and wants no traffic', async () => {
  assert.equal((await client.get('/health/live')).status, 200)
  assert.equal((await client.get('/health/ready')).status, 503)
  const { status, body } = await client.get('/health')
  assert.equal(status, 503)
  assert.equal(body.status, 'failing')
  assert.equal(body.checks.storage.message, 'the disk is full')
  assert.equal(body.checks.stream.status, 'ok')
})

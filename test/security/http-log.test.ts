import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { serve } from '../support/http-server.ts'
import { startShop } from '../support/shop.ts'

const CANARY = 'canary-7f3a9c'

test('API8-23 nothing that a caller sends reaches the log but its request id and trace', async () => {
  const served = await serve({
    routes(app) {
      const body = Type.Object({ password: Type.String() }, { additionalProperties: false })
      const response = { 200: Type.Object({}) }
      app.post('/sign-in/:id', { config: { access: 'anyone' }, schema: { body, response } }, async () => ({}))
    },
  })
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const headers = { cookie: `session_id=${CANARY}`, 'user-agent': CANARY, referer: CANARY, traceparent }
  await served.client.post(
    `/sign-in/${CANARY}`,
    { password: CANARY },
    { ...headers, 'x-request-id': 'known-to-the-caller' },
  )
  await served.client.post(`/sign-in/${CANARY}?token=${CANARY}`, { wrong: CANARY }, headers)
  await served.client.get('/sign-in', { authorization: `Bearer ${CANARY}` })
  await served.close()
  const log = JSON.stringify(served.log)
  assert.ok(!log.includes(CANARY), log)
  const line = served.log.find(
    ([, details]) => (details as { request_id: string }).request_id === 'known-to-the-caller',
  )
  assert.deepEqual(
    { ...line![1], ms: 0 },
    {
      request_id: 'known-to-the-caller',
      method: 'POST',
      route: '/sign-in/:id',
      status: 200,
      ms: 0,
      user_id: undefined,
      traceparent,
    },
  )
})

test('API8-23 sign-up, sign-in and refresh leave no password and no token in the log', async () => {
  const shop = await startShop()
  const customer = await shop.registerCustomer({ email: 'quiet@example.com', password: `${CANARY}-password` })
  await shop.login('quiet@example.com', `${CANARY}-password`)
  await shop.asGuest().post('/auth/login', { email: 'quiet@example.com', password: `${CANARY}-wrong` })
  await shop.asGuest().post('/auth/refresh', { refresh_token: customer.refresh_token })
  await shop.stop()
  const log = JSON.stringify(shop.warnings)
  assert.ok(
    !log.includes(CANARY) && !log.includes(customer.refresh_token) && !log.includes(customer.access_token),
  )
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { freePort, startServer } from '../crash/server.ts'
import { type Answer, createClient } from '../support/http-client.ts'
import { until } from '../support/until.ts'

const account = { email: 'a@x.org', password: 'a password of tests', name: 'A' }
const folder = mkdtempSync(join(tmpdir(), 'tradewind-kill-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('API2-31 a client whose server was killed right after the rotation repeats it and gets the same pair', async (t) => {
  const directory = join(folder, 'data')
  const port = await freePort()
  const start = async () => {
    const server = await startServer({ directory, port, output: join(folder, 'output') })
    t.after(() => server.exited() || server.kill())
    return server
  }
  const shop = createClient({ url: `http://127.0.0.1:${port}` })
  let server = await start()
  let registered: Answer | undefined
  // A machine that is busy with other tests turns people away for a moment.
  await until(async () => {
    registered = await shop.post('/auth/register', account)
    return registered.status !== 503
  })
  assert.equal(registered?.status, 201)
  const { refresh_token } = registered!.body
  const rotated = await shop.post('/auth/refresh', { refresh_token })
  assert.equal(rotated.status, 200)
  await server.kill()

  server = await start()
  try {
    const repeated = await shop.post('/auth/refresh', { refresh_token })
    assert.equal(repeated.status, 200)
    assert.equal(repeated.body.refresh_token, rotated.body.refresh_token)
    const bearer = { authorization: `Bearer ${repeated.body.access_token}` }
    assert.equal((await shop.get('/auth/me', bearer)).status, 200)
    const next = await shop.post('/auth/refresh', { refresh_token: rotated.body.refresh_token })
    assert.equal(next.status, 200)
  } finally {
    await server.stop()
  }
})

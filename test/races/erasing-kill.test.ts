import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort, startServer } from '../crash/server.ts'
import { comingAgain } from '../support/come-again.ts'
import { type Client, createClient } from '../support/http-client.ts'
import { filesOf } from '../support/pair.ts'
import { ADMIN, PASSWORD } from '../support/people.ts'
import { temporaryDirectory } from '../support/storage.ts'
import { until } from '../support/until.ts'

const PEOPLE = 6
const MARK = 'Quintessa'
const ADDRESS = { name: MARK, line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }

/** A machine that is busy with other tests turns people away for a moment. */
async function surely(ask: () => ReturnType<Client['get']>, status: number) {
  const answer = await comingAgain(ask)
  assert.equal(answer.status, status, answer.text)
  return answer.body
}

test('erasures that a kill broke off are finished after the next start, down to the bytes', async (t) => {
  const folder = temporaryDirectory(t)
  const directory = join(folder, 'data')
  const clock = join(folder, 'clock')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const environment = { CLOCK_OFFSET_FILE: clock, ACCESS_TOKEN_TTL: '1d' }
  const start = async () => {
    const server = await startServer({ directory, port, output: join(folder, 'output'), environment })
    t.after(() => server.exited() || server.kill())
    return server
  }
  let server = await start()
  const anon = createClient({ url })
  const { access_token } = await surely(() => anon.post('/auth/login', ADMIN), 200)
  const owner = createClient({ url, headers: { authorization: `Bearer ${access_token}` } })
  const ids: string[] = []
  for (let person = 0; person < PEOPLE; person++) {
    const account = { email: `${MARK}-${person}@x.org`, password: PASSWORD, name: MARK }
    const { user, access_token: token } = await surely(() => anon.post('/auth/register', account), 201)
    const authorization = { authorization: `Bearer ${token}` }
    await surely(() => anon.post('/auth/me/addresses', ADDRESS, authorization), 201)
    ids.push(user.id)
  }

  // The first answer comes while the others are somewhere on their way.
  const asked = ids.map((id) => owner.delete(`/users/${id}`))
  await Promise.race(asked)
  await server.kill()
  await Promise.allSettled(asked)

  server = await start()
  // What had begun goes on by itself; what had not is asked for again.
  for (const id of ids) {
    const { status } = await surely(() => owner.get(`/users/${id}`), 200)
    if (status === 'active') await surely(() => owner.delete(`/users/${id}`), 202)
  }
  writeFileSync(clock, '61000')
  for (const id of ids) await until(async () => (await owner.get(`/users/${id}`)).body?.status === 'erased')
  await server.stop()
  for (const [name, bytes] of filesOf(directory))
    assert.ok(!bytes.toString('latin1').toLowerCase().includes(MARK.toLowerCase()), name)
})

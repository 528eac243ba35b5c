import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { StartRefused } from '../../src/kernel/start-refused.ts'
import { forgetPair } from '../support/pair.ts'
import { ADMIN, PASSWORD, type RunningShop, startShop } from '../support/shop.ts'

const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET_KEY: 'Zm9ydHktZWlnaHQgcmFuZG9tIGJ5dGVzIHRoYXQgYXJlIGxvbmc',
  ADMIN_EMAIL: 'owner@lamps.example',
  ADMIN_PASSWORD: 'a long enough passphrase',
  BCRYPT_COST: '10',
  SHUTDOWN_DELAY: '0',
}

/** One shop that is started again and again; says what it was warned of. */
function openFolder(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-password-'))
  t.after(async () => {
    await forgetPair(directory)
    rmSync(directory, { recursive: true })
  })
  return async (
    use: (shop: RunningShop) => Promise<void> = async () => {},
    environment: Record<string, string> = {},
  ) => {
    const shop = await startShop({ directory, environment })
    try {
      await use(shop)
    } finally {
      await shop.stop()
    }
    return shop.warnings.filter(({ message }) => message.includes('default password'))
  }
}

async function changePassword(shop: RunningShop): Promise<void> {
  const body = { current_password: ADMIN.password, new_password: PASSWORD }
  const { status, text } = await (await shop.asSuper()).post('/auth/change-password', body)
  assert.equal(status, 200, text)
}

test('the default password is said aloud at every start, until it is changed', async (t) => {
  const start = openFolder(t)
  for (const said of [await start(), await start(changePassword)]) {
    assert.equal(said.length, 1)
    assert.ok(!JSON.stringify(said).includes(ADMIN.password))
  }
  assert.deepEqual(await start(), [])
})

test('API2-37 production refuses an administrator whose password everybody knows, whatever its variables say', async (t) => {
  const start = openFolder(t)
  await start()
  await assert.rejects(start(undefined, PRODUCTION), (error: Error) => {
    assert.ok(error instanceof StartRefused, String(error))
    assert.match(error.message, /^The super_admin admin@ecommerce\.com has the default password/)
    return true
  })
  await start(changePassword)
  assert.deepEqual(await start(undefined, PRODUCTION), [])
})

test('a deactivated administrator with the default password keeps production from nothing', async (t) => {
  const start = openFolder(t)
  await start(async (shop) => {
    const root = await shop.asSuper()
    const owner = { email: PRODUCTION.ADMIN_EMAIL, password: PASSWORD, name: 'Owner', role: 'super_admin' }
    assert.equal((await root.post('/users', owner)).status, 201)
    const other = await shop.login(owner.email, PASSWORD)
    const { status, text } = await other.patch(`/users/${root.user.id}`, { status: 'deactivated' })
    assert.equal(status, 200, text)
  })
  assert.deepEqual(await start(undefined, PRODUCTION), [])
})

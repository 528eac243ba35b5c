import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, type ServerProcess, startServer } from './server.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'tradewind-processes-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let number = 0
function newFolder(): string {
  number += 1
  return join(folder, String(number))
}

/** Starts a server that is expected to end by itself. */
function attempt(environment: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/boot.mjs'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env.PATH, NODE_ENV: 'test', PORT: '0', ...environment },
  })
  return { status, text: stdout + stderr }
}

async function running(
  directory: string,
  use: (server: ServerProcess) => Promise<void> | void,
): Promise<void> {
  const server = await startServer({ directory, port: await freePort(), output: join(folder, 'output') })
  try {
    await use(server)
  } finally {
    await server.stop()
  }
}

async function metricsOf(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
}

test('a second server on one folder refuses and says so, and the first one goes on', async () => {
  const directory = newFolder()
  await running(directory, async ({ port }) => {
    const second = attempt({ DATA_DIR: directory })
    assert.equal(second.status, 1)
    assert.match(second.text, /another server uses/i)
    assert.ok(!second.text.includes('    at '), 'no stack for what is expected')
    assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200)
  })
})

test('the folder is free again after a kill', async () => {
  const directory = newFolder()
  await running(directory, (server) => server.kill())
  await running(directory, () => {})
})

test('a foreign database file is left alone, and the sentence says what to do', () => {
  for (const file of ['shop.db', 'log.db']) {
    const directory = newFolder()
    spawnSync('mkdir', ['-p', directory])
    writeFileSync(join(directory, file), 'this is somebody else\u0027s file\n'.repeat(1_000))
    const { status, text } = attempt({ DATA_DIR: directory })
    assert.equal(status, 1, text)
    assert.ok(text.includes(file), text)
    assert.ok(!text.includes('    at '), text)
    assert.equal(statSync(join(directory, file)).size, 29_000)
  }
})

test('a shop whose log is missing refuses to start and names what to do', async () => {
  const directory = newFolder()
  await running(directory, async ({ kill, port }) => {
    // Until then nothing of the shop is in the log, and its loss would lose nothing.
    while (!/^tradewind_outbox_waiting 0$/m.test(await metricsOf(port))) await delay(20)
    await kill()
  })
  for (const file of readdirSync(directory).filter((name) => name.startsWith('log.db')))
    rmSync(join(directory, file))
  const { status, text } = attempt({ DATA_DIR: directory })
  assert.equal(status, 1)
  assert.match(text, /log\.db/)
  assert.match(text, /restore|rebuild/i)
})

test('a wrong configuration ends with status 78 and a sentence for each fault', () => {
  const { status, text } = attempt({
    DATA_DIR: newFolder(),
    BCRYPT_COST: 'twelve',
    CLOUDINARY_URL: 'cloudinary://key@cloud',
    SMTP_URL: 'http://localhost',
    JWT_SECRET_KEY: 'short',
  })
  assert.equal(status, 78)
  assert.match(text, /BCRYPT_COST is "twelve", but must be a whole number/)
  assert.match(
    text,
    /CLOUDINARY_URL .*set CLOUDINARY_CLOUD_NAME, CLOUDINARY_API_KEY and CLOUDINARY_API_SECRET/,
  )
  assert.ok(!text.includes('cloudinary://'), 'its secret is masked')
  assert.match(text, /SMTP_URL is a secret of 16 characters, but must be a URL that begins with smtp/)
  assert.match(text, /JWT_SECRET_KEY is a secret of 5 characters/)
  assert.ok(!text.includes('short'), 'secrets are masked')
})

test('a DATA_DIR that is a file, or lies in one, ends with status 78 and a sentence', () => {
  const file = newFolder()
  writeFileSync(file, 'not a folder')
  for (const DATA_DIR of [file, join(file, 'data')]) {
    const { status, text } = attempt({ DATA_DIR })
    assert.equal(status, 78, text)
    assert.match(text, /DATA_DIR is ".*", but must be a folder that the server may write to/)
    assert.ok(!text.includes('    at '), 'no stack for what is expected')
  }
})

test('API2-36 API2-37 API8-22 production refuses defaults, absent and sample secrets', () => {
  const production = { NODE_ENV: 'production', DATA_DIR: newFolder() }
  const bare = attempt(production)
  assert.equal(bare.status, 78)
  assert.match(bare.text, /ADMIN_EMAIL is the default/)
  assert.match(bare.text, /ADMIN_PASSWORD is the default/)
  assert.match(bare.text, /JWT_SECRET_KEY is absent/)
  const sample = attempt({
    ...production,
    ADMIN_EMAIL: 'owner@lamps.example',
    ADMIN_PASSWORD: 'Zk3-very-long',
    JWT_SECRET_KEY: 'please-change-me-please-change-me-please',
  })
  assert.equal(sample.status, 78)
  assert.match(sample.text, /JWT_SECRET_KEY looks like a sample/)
})

test('files of the shop are readable by its owner only', async () => {
  const directory = newFolder()
  await running(directory, () => {
    assert.equal(statSync(directory).mode & 0o777, 0o700)
    for (const file of readdirSync(directory)) {
      assert.equal(statSync(join(directory, file)).mode & 0o077, 0, `${file} is readable by others`)
    }
  })
})

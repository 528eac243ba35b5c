import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { readConfig, VARIABLES } from '../../src/config.ts'
import { freePorts } from '../servers/ports.ts'
import { temporaryDirectory } from '../support/storage.ts'
import { until } from '../support/until.ts'
import {
  composeEnvironment,
  copiedNames,
  imageEnvironment,
  imageInstructions,
  layOut,
  read,
  restOf,
  wordsOf,
} from './files.ts'

/** "nobody", as the image's user is to the machine. */
const USER = 65_534
const READY_MS = 120_000
const SECRETS = {
  JWT_SECRET_KEY: 'k'.repeat(20) + 'j'.repeat(20),
  ADMIN_EMAIL: 'owner@lamps.example',
  ADMIN_PASSWORD: 'Lantern-and-rug-1843',
}

function whyNoContainer(): string | undefined {
  const allowed = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0
  return allowed ? undefined : 'makes the file system read-only for a process, which only root may do'
}

/** The folders of a container, and how a command runs in it: without rights, and able to write to three folders only. */
function container(t: TestContext) {
  const home = temporaryDirectory(t)
  chmodSync(home, 0o755)
  const folders = { app: '', data: '', backups: '', scratch: '' }
  for (const name of Object.keys(folders) as (keyof typeof folders)[]) {
    folders[name] = join(home, name)
    mkdirSync(folders[name])
    if (name !== 'app') chownSync(folders[name], USER, USER)
  }
  layOut(folders.app)
  const writable = [folders.data, folders.backups, folders.scratch]
  const binds = writable.map((folder) => `mount --bind ${folder} ${folder}`).join(' && ')
  const script = `${binds} && mount -o remount,bind,ro / && exec setpriv --reuid=${USER} --regid=${USER} --clear-groups "$@"`
  const run = (words: readonly string[], environment: Record<string, string>) =>
    spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', ...words.map(installed)], {
      cwd: folders.app,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, ...environment, DATA_DIR: folders.data, TMPDIR: folders.scratch },
    })
  return { folders, run }
}

const installed = (word: string) => (word === 'node' ? process.execPath : word)

function ended(child: ReturnType<ReturnType<typeof container>['run']>) {
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text
    })
  const status = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { status, said: () => output }
}

describe('the container image', () => {
  it('serves, is healthy, is backed up and stops, as a user who can write to its data only', {
    skip: whyNoContainer() ?? false,
  }, async (t) => {
    const { folders, run } = container(t)
    const [port] = (await freePorts(1)) as [number]
    const environment = { ...imageEnvironment(), ...SECRETS, HOST: '127.0.0.1', PORT: String(port) }
    const before = readdirSync(folders.app, { recursive: true }).length
    const server = run(wordsOf(restOf('CMD')), { ...environment, SHUTDOWN_DELAY: '0' })
    const serving = ended(server)
    t.after(() => server.kill('SIGKILL'))
    await until(async () => {
      assert.equal(server.exitCode, null, serving.said())
      return fetch(`http://127.0.0.1:${port}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    }, READY_MS)

    const check = wordsOf(restOf('HEALTHCHECK').split(' CMD ')[1]!)
    assert.equal(await ended(run(check, environment)).status, 0)
    assert.equal(await ended(run(check, { ...environment, PORT: '1' })).status, 1)
    const backup = ended(run(['node', 'tools/backup.ts', join(folders.backups, 'one')], environment))
    assert.equal(await backup.status, 0, backup.said())
    assert.equal(statSync(join(folders.data, 'shop.db')).uid, USER)
    assert.equal(readdirSync(folders.app, { recursive: true }).length, before)

    server.kill('SIGTERM')
    assert.equal(await serving.status, 0, serving.said())
  })

  it('has a user without rights, the runtime of the scripts, and nothing that it does not copy', () => {
    const names = imageInstructions().map(({ name }) => name)
    assert.equal(restOf('USER'), 'node')
    assert.ok(names.lastIndexOf('USER') > names.lastIndexOf('RUN'))
    const [, version] = /runtime_version=(\S+)/.exec(read('scripts/runtime.sh'))!
    for (const [, image] of read('Dockerfile').matchAll(/^FROM (\S+)/gm))
      assert.equal(image, `node:${version}-slim`)
    const kept = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    assert.equal(kept[0], '*')
    const let_in = kept.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    assert.deepEqual(let_in.sort(), [...new Set([...copiedNames(), 'package-lock.json', '.npmrc'])].sort())
  })
})

/** What compose.yaml decides by itself: its Kafka has no sign-in and one shop, and nothing there is a test. */
const NOT_PASSED_ON =
  /^(KAFKA_(API_KEY|API_SECRET|CA_FILE|TOPIC_PREFIX)|TEST_PROVIDER_\w+|(STRIPE|CLOUDINARY)_API_URL|CLOCK_OFFSET_FILE)$/

describe('compose.yaml', () => {
  it('passes every variable on that means something there', () => {
    const known = Object.keys({ ...composeEnvironment(), ...imageEnvironment() })
    const missing = Object.keys(VARIABLES).filter(
      (name) => !known.includes(name) && !NOT_PASSED_ON.test(name),
    )
    assert.deepEqual(missing, [])
  })

  it('gives the shop variables that it has, with which it starts in production', () => {
    const given = composeEnvironment()
    for (const name of Object.keys({ ...given, ...imageEnvironment() }))
      assert.ok(name in VARIABLES || name === 'MALLOC_ARENA_MAX', `${name} is no variable of the shop`)
    const values = Object.entries(given).map(([name, text]) => {
      const [, variable, how, fallback] = /^\$\{(\w+):([-?])(.*)\}$/.exec(text) ?? []
      if (variable === undefined) return [name, text]
      assert.equal(variable, name)
      return [name, how === '?' ? SECRETS[name as keyof typeof SECRETS] : fallback]
    })
    const config = readConfig({ ...imageEnvironment(), ...Object.fromEntries(values) })
    assert.deepEqual(
      [config.production, config.HOST, config.PORT, config.DATA_DIR],
      [true, '0.0.0.0', 8_000, '/data'],
    )
    assert.ok(config.MONGODB_URL && config.KAFKA_BOOTSTRAP_SERVERS)
  })
})

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { MongoClient } from 'mongodb'
import { freeze } from './freezing.ts'

const ROOT = join(import.meta.dirname, '../..')
const ENVIRONMENT = join(ROOT, '.runtime/secantusdb-0.7.0b3')
const REQUIREMENTS = join(import.meta.dirname, 'mongodb-requirements.txt')
const START_MS = 30_000
/**
 * Its threads take turns: at Python's own pace of 5 ms every answer waits for several of them. And each write walks all replies that are
 * kept for a driver that repeats it: a thousand are enough, ten thousand cost most of its time.
 */
const START = [
  'import sys',
  'from secantus import transactions',
  'from secantus.cli import main',
  'sys.setswitchinterval(0.0003)',
  'transactions._RETRYABLE_RECORD_MAX = 1000',
  'sys.exit(main())',
].join('; ')
const LOOK_MS = 20

export interface MongoServerOptions {
  /** Syncs every commit: for tests that kill the server. Slow. */
  durable?: boolean
  /** Refuses whoever shows no password. */
  auth?: boolean
  /** Says that it is no replica set. */
  standalone?: boolean
}

/** A server of its own that a test may kill, freeze and start again. */
export interface MongoServer {
  /** Without a database's name. */
  url: string
  port: number
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Again, on the same folder and port; with other options where they are given. */
  start(options?: MongoServerOptions): Promise<void>
  /** Takes no more time from now on: connections stay open and nothing is answered. */
  freeze(): Promise<void>
  thaw(): void
  /** Kills it and removes its folder. */
  remove(): Promise<void>
}

/**
 * Starts SecantusDB, which speaks MongoDB's protocol: a separate program that only tests use. It dies with this process,
 * however that ends.
 */
export async function startMongoServer(options: MongoServerOptions = {}): Promise<MongoServer> {
  await makeEnvironment()
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-mongodb-'))
  const port = await freePort()
  const url = `mongodb://127.0.0.1:${port}/`
  let current = options
  let child: ChildProcess | undefined

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const ending = child
    if (!ending) return
    child = undefined
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    if (ending.exitCode !== null || ending.signalCode !== null) return
    ending.ref()
    ending.kill(signal)
    await gone
  }

  async function start(next = current): Promise<void> {
    if (child) throw new Error('it runs already')
    current = next
    const log = join(directory, 'log')
    child = launch({ directory, port, log, options: current })
    await answers(url, child, log)
  }

  process.once('exit', () => {
    child?.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  })
  await start()
  return {
    url,
    port,
    kill,
    start,
    freeze: () => freeze(child),
    thaw: () => child?.kill('SIGCONT'),
    async remove() {
      await kill()
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

let shared: Promise<string> | undefined

/** URL of the server that all tests of this process share: MONGODB_URL, or one that is started when first wanted. */
export function sharedMongoUrl(): Promise<string> {
  shared ??= process.env.MONGODB_URL
    ? Promise.resolve(process.env.MONGODB_URL)
    : startMongoServer().then(({ url }) => url)
  return shared
}

interface Launch {
  directory: string
  port: number
  log: string
  options: MongoServerOptions
}

function launch({ directory, port, log, options }: Launch): ChildProcess {
  const server = [
    ...[join(ENVIRONMENT, 'bin/python3'), '-c', START],
    ...['--port', String(port), '--storage-path', join(directory, 'data'), '--enable-test-commands'],
    ...(options.durable ? ['--sync-on-commit'] : []),
    ...(options.auth ? ['--auth'] : []),
    ...(options.standalone ? ['--standalone'] : []),
  ]
  // A test that is killed cannot end its server; Linux does it then.
  const command = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', ...server] : server
  const output = openSync(log, 'a')
  const child = spawn(command[0]!, command.slice(1), { cwd: directory, stdio: ['ignore', output, output] })
  child.unref()
  return child
}

async function answers(url: string, child: ChildProcess, log: string): Promise<void> {
  const deadline = performance.now() + START_MS
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline)
      throw new Error(`the MongoDB server did not start: ${readFileSync(log, 'utf8').slice(-2_000)}`)
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 500, directConnection: true })
    try {
      await client.db('admin').command({ hello: 1 })
      return
    } catch {
      await sleep(LOOK_MS)
    } finally {
      await client.close()
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Installs the server into `.runtime/` when it is missing; other test files that want it too wait meanwhile. */
async function makeEnvironment(): Promise<void> {
  const ready = join(ENVIRONMENT, 'ready')
  if (existsSync(ready)) return
  const script = `[ -e "$1/ready" ] || { python3 -m venv --clear "$1" &&
    "$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$2" && touch "$1/ready"; }`
  const command = ['bash', '-euc', script, 'bash', ENVIRONMENT, REQUIREMENTS]
  if (process.platform === 'linux') command.unshift('flock', `${ENVIRONMENT}.lock`)
  await promisify(execFile)(command[0]!, command.slice(1))
}

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Faults, NO_FAULTS } from '../../src/payments/test-provider/faults.ts'
import { freePorts } from './ports.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const START_TIMEOUT_MS = 60_000
const LOOK_TIMEOUT_MS = 1_000
const LOOK_MS = 50
const LAST_CHARACTERS = 2_000

/**
 * What it does wrong by default. A call that is lost costs the shop its deadline, and the start of a node up to 8 s, so there are
 * few; what is broken costs a second.
 */
const FAULTS: Faults = {
  ...NO_FAULTS,
  lost_before: 0.003,
  lost_after: 0.005,
  broken: 0.02,
  late: 0.05,
  twice: 0.2,
  forged: 0.05,
}

export interface TestProviderServerOptions {
  /** For its ledger and its output. */
  folder: string
  /** Beside its secret, as the file that moves the clock. */
  environment?: Record<string, string>
}

/** A test provider as a process of its own, which dies with this one, even if that is killed. */
export interface TestProviderServer {
  /** How a shop finds it. */
  environment: Record<string, string>
  ledger: string
  /** Where its webhooks go, from the next start on. */
  tell(shop_url: string): void
  /** Again, on the same ledger and port, with its faults; resolves when it answers. */
  start(): Promise<void>
  /** From now on it does everything right, or wrong again; calls that it lost before are cut off. */
  err(does: boolean): Promise<void>
  kill(): Promise<void>
  remove(): Promise<void>
}

/** Gives it a port and a secret; it runs from its first start on. */
export async function prepareTestProvider(options: TestProviderServerOptions): Promise<TestProviderServer> {
  const { folder, environment = {} } = options
  const [port] = (await freePorts(1)) as [number]
  const url = `http://127.0.0.1:${port}`
  const secret = randomBytes(24).toString('hex')
  const ledger = join(folder, 'test-provider.db')
  const output = join(folder, 'test-provider.log')
  let shop: string | undefined
  let child: ChildProcess | undefined

  async function kill(): Promise<void> {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    ending.ref()
    ending.kill('SIGKILL')
    await gone
  }

  async function put(faults: Faults): Promise<void> {
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}/faults`, { method: 'PUT', headers, body: JSON.stringify(faults) })
    if (answer.status !== 204) throw new Error(`the test provider keeps its faults: ${answer.status}`)
  }

  return {
    environment: { TEST_PROVIDER_URL: url, TEST_PROVIDER_SECRET: secret },
    ledger,
    tell(shop_url) {
      shop = shop_url
    },
    async start() {
      mkdirSync(folder, { recursive: true })
      appendFileSync(output, '\n')
      const log = openSync(output, 'a')
      const line = [
        ...['tools/test-provider.ts', '--port', String(port), '--ledger', ledger],
        ...['--tells', 'everything', ...(shop ? ['--shop', shop] : [])],
      ]
      const dying = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL'] : []
      const command = [...dying, process.execPath, ...line]
      child = spawn(command[0]!, command.slice(1), {
        cwd: ROOT,
        stdio: ['ignore', log, log],
        env: {
          PATH: process.env.PATH,
          NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
          TEST_PROVIDER_SECRET: secret,
          ...environment,
        },
      })
      child.unref()
      await answering(child, url, output)
      await put(FAULTS)
    },
    err: (does) => put(does ? FAULTS : NO_FAULTS),
    kill,
    remove: kill,
  }
}

async function answering(child: ChildProcess, url: string, output: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const signal = AbortSignal.timeout(LOOK_TIMEOUT_MS)
    const answers = await fetch(`${url}/actions/none`, { signal }).then(
      (answer) => answer.ok,
      () => false,
    )
    if (answers) return
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(
        `the test provider did not start: ${readFileSync(output, 'utf8').slice(-LAST_CHARACTERS)}`,
      )
    await delay(LOOK_MS)
  }
}

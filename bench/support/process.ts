import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const ROOT = resolve(import.meta.dirname, '../..')
const READY_TIMEOUT_MS = 120_000
const SETTLED_EVERY_MS = 20

/** A server under test, in a process of its own. */
export interface Target {
  url: string
  directory: string
  /** From the start of the process to its first answer. */
  start_ms: number
  /** Resident memory in MB, and the most that it was. */
  rss(): number
  most_rss(): number
  stop(): Promise<void>
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

/** Starts the shop on a folder (a new one without), with quotas off and cheap hashes. */
export async function startShop(
  options: { directory?: string; environment?: Record<string, string> } = {},
): Promise<Target> {
  const directory = options.directory ?? temporaryFolder()
  const port = await freePort()
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATA_DIR: directory,
    PORT: String(port),
    RATE_LIMITS: 'off',
    BCRYPT_COST: '4',
    LOG_LEVEL: 'warn',
    // As scripts/start.sh has it.
    MALLOC_ARENA_MAX: '1',
    ...options.environment,
  }
  return target(
    // As scripts/start.sh has it, too.
    spawn(process.execPath, ['--max-semi-space-size=8', 'src/boot.mjs'], {
      cwd: ROOT,
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
    { port, directory, path: '/health/ready' },
  )
}

/** A payment provider without money in a process of its own, and what a shop needs to find it. */
export async function startTestProvider({ delay_ms }: { delay_ms: number }) {
  const port = await freePort()
  const secret = 'of the benchmark alone'
  const environment = { TEST_PROVIDER_URL: `http://127.0.0.1:${port}`, TEST_PROVIDER_SECRET: secret }
  const ledger = join(temporaryFolder(), 'provider.db')
  const options = ['--port', String(port), '--ledger', ledger, '--delay', String(delay_ms)]
  const child = spawn(process.execPath, ['tools/test-provider.ts', ...options], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const { stop } = await target(child, { port, directory: '', path: '/' })
  return { environment, stop }
}

/** A bare Fastify in a process of its own: the yardstick of what this machine can answer at all. */
export async function startCeiling(kind: 'answer' | 'take', file: string): Promise<Target> {
  const port = await freePort()
  const child = spawn(process.execPath, ['bench/support/ceiling.ts', kind, file, String(port)], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return target(child, { port, directory: '', path: '/' })
}

export function temporaryFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-bench-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function target(
  child: ChildProcess,
  { port, directory, path }: { port: number; directory: string; path: string },
): Promise<Target> {
  const began = performance.now()
  const url = `http://127.0.0.1:${port}`
  const memory = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) /
    1_024
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  while (!(await answers(url + path))) {
    if (child.exitCode !== null) throw new Error(`the server ended with status ${child.exitCode}`)
    if (performance.now() - began > READY_TIMEOUT_MS) throw new Error('the server does not become ready')
    await delay(5)
  }
  return {
    url,
    directory,
    start_ms: performance.now() - began,
    rss: () => memory('VmRSS'),
    most_rss: () => memory('VmHWM'),
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** A figure of `/metrics` by its name, with its labels where it has some. */
export async function figure({ url }: Pick<Target, 'url'>, name: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const line = metrics.split('\n').find((one) => one.startsWith(`${name} `))
  if (line === undefined) throw new Error(`the server shows no ${name}`)
  return Number(line.slice(name.length + 1))
}

/** The upper bound of the bucket in which this share of a histogram's observations ends, over all its labels. */
export async function quantile({ url }: Pick<Target, 'url'>, name: string, share: number): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const below = new Map<number, number>()
  for (const [, le, count] of metrics.matchAll(
    new RegExp(`^${name}_bucket\\{.*le="([^"]+)".*\\} (\\d+)$`, 'gm'),
  )) {
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
    below.set(bound, (below.get(bound) ?? 0) + Number(count))
  }
  const all = below.get(Number.POSITIVE_INFINITY) ?? 0
  const bounds = [...below.keys()].sort((a, b) => a - b)
  return bounds.find((bound) => below.get(bound)! >= share * all) ?? Number.NaN
}

/** Milliseconds until nothing waits in the outbox and no consumer lags. */
export async function settled({ url }: Pick<Target, 'url'>): Promise<number> {
  const began = performance.now()
  for (;;) {
    const waiting = await figure({ url }, 'tradewind_outbox_waiting')
    if (waiting === 0 && (await figure({ url }, 'tradewind_consumer_lag_events')) === 0)
      return performance.now() - began
    await delay(SETTLED_EVERY_MS)
  }
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (answer) => answer.status < 500,
    () => false,
  )
}

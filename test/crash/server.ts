import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const ROOT = resolve(import.meta.dirname, '../..')
const READY_TIMEOUT_MS = 60_000
const LOOK_TIMEOUT_MS = 5_000
const POLL_MS = 25
const LAST_LINES = 10

export interface ServerProcess {
  port: number
  /** Kills without a warning, and waits until the process is gone. */
  kill(): Promise<void>
  /** Asks it to stop, and waits for its exit status. */
  stop(): Promise<number | null>
  exited(): boolean
}

export interface ServerOptions {
  directory: string
  port: number
  /** Where its output goes; the checker looks for secrets in it. */
  output: string
  environment?: Record<string, string>
  /** Of the program, where it is not this one. */
  root?: string
  /** Put before the command, as `strace -f`. */
  wrapper?: string[]
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

/** Starts the shop as a process of its own, which dies with this one, and waits until it is ready. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const dying = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL'] : []
  const command = [...(options.wrapper ?? dying), process.execPath, 'src/boot.mjs']
  const child = spawn(command[0]!, command.slice(1), {
    cwd: options.root ?? ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A wrapper does not hand signals on, so they go to a group of its own.
    detached: options.wrapper !== undefined,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      DATA_DIR: options.directory,
      PORT: String(options.port),
      RATE_LIMITS: 'off',
      BCRYPT_COST: '4',
      ...options.environment,
    },
  })
  const keep = (chunk: string | Buffer) => appendFileSync(options.output, chunk)
  // The life before may have been cut off in the middle of a line.
  keep('\n')
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const signal = (name: NodeJS.Signals) =>
    options.wrapper ? process.kill(-child.pid!, name) : child.kill(name)
  await ready(child, options)
  return {
    port: options.port,
    kill: () => ended(child, () => signal('SIGKILL')).then(() => undefined),
    stop: () => ended(child, () => signal('SIGTERM')),
    exited: () => child.exitCode !== null || child.signalCode !== null,
  }
}

async function ready(child: ChildProcess, { port, output }: ServerOptions): Promise<void> {
  const until = Date.now() + READY_TIMEOUT_MS
  while (Date.now() < until) {
    if (child.exitCode !== null)
      throw new Error(`the server ended with status ${child.exitCode}:\n${lastWords(output)}`)
    const signal = AbortSignal.timeout(LOOK_TIMEOUT_MS)
    const ok = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal }).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ok) return
    await delay(POLL_MS)
  }
  child.kill('SIGKILL')
  throw new Error(`the server was not ready after ${READY_TIMEOUT_MS} ms; its output is in ${output}`)
}

function lastWords(output: string): string {
  return readFileSync(output, 'utf8').split('\n').slice(-LAST_LINES).join('\n')
}

/** Resolves when the process is gone and all that it said has been read. */
function ended(child: ChildProcess, end: () => void): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((done) => {
    child.once('close', (status) => done(status))
    end()
  })
}

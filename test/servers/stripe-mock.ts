import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../support/until.ts'
import { findGo } from './go.ts'
import { freePorts } from './ports.ts'

const VERSION = '0.203.0'
const CACHE = join(import.meta.dirname, '../../.runtime')
const BINARY = join(CACHE, `stripe-mock-${VERSION}`)

/** Whether it was built before. */
export function isBuilt(): boolean {
  return existsSync(BINARY)
}

/**
 * Starts stripe-mock, which holds every request to Stripe's own description of its API and answers with Stripe's examples. It
 * keeps no state. It dies with this process, however that ends.
 */
export async function startStripeMock(): Promise<{ url: string; stop(): Promise<void> }> {
  await bringStripeMock()
  const [port] = await freePorts(1)
  const address = `127.0.0.1:${port}`
  const server = [BINARY, '-http-addr', address]
  // A test that is killed cannot end its server; Linux does it then.
  const command = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', ...server] : server
  const child = spawn(command[0]!, command.slice(1), { stdio: 'ignore' })
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  process.once('exit', () => child.kill('SIGKILL'))
  const url = `http://${address}`
  await Promise.race([failed, until(() => answers(url, child))])
  return {
    url,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      if (child.kill('SIGKILL')) await gone
    },
  }
}

const UNREACHABLE =
  /dial tcp|lookup |i\/o timeout|proxyconnect|connection re(fused|set)|: (403|404|410|5\d\d) /i

/** Why it cannot be had where Go's module proxy is out of reach, undefined when it can; another failure of building it rejects. */
export async function whyNotFetched(): Promise<string | undefined> {
  try {
    await bringStripeMock()
    return undefined
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? error)
    if (UNREACHABLE.test(said)) return `stripe-mock cannot be fetched: ${said.trim().split('\n').at(-1)}`
    throw error
  }
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`stripe-mock ended with status ${child.exitCode}`)
  return fetch(url).then(
    () => true,
    () => false,
  )
}

/** Builds it with Go below `.runtime/` when it is not there. */
async function bringStripeMock(): Promise<void> {
  if (isBuilt()) return
  mkdirSync(CACHE, { recursive: true })
  // Beside its place and then moved there: two test files may both find it missing.
  const made = mkdtempSync(join(CACHE, 'stripe-mock-making-'))
  try {
    // All that Go keeps goes with the folder; without a flag it makes it read-only.
    const own = {
      GOBIN: made,
      GOPATH: join(made, 'go'),
      GOCACHE: join(made, 'cache'),
      GOFLAGS: '-modcacherw',
    }
    const environment = { ...process.env, ...own }
    const built = `github.com/stripe/stripe-mock@v${VERSION}`
    await promisify(execFile)(findGo()!, ['install', built], { env: environment })
    renameSync(join(made, 'stripe-mock'), BINARY)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * `npm test [FILE …]`: every test, or those named. The answers that the shop gave are noted in a folder
 * (TRADEWIND_OBSERVED), so that a last step can say which documented answers no test has seen.
 */
const ALL = ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts']
const TIMEOUT_MS = 300_000
const CONCURRENCY = 2

const named = process.argv.slice(2)
const observed = mkdtempSync(join(tmpdir(), 'tradewind-observed-'))
try {
  process.exitCode = await node(
    '--test',
    `--test-concurrency=${CONCURRENCY}`,
    `--test-timeout=${TIMEOUT_MS}`,
    ...(named.length > 0 ? named : ALL),
  )
  if (process.exitCode === 0 && named.length === 0) process.exitCode = await node('tools/assertions.ts')
} finally {
  rmSync(observed, { recursive: true, force: true })
}

function node(...options: string[]): Promise<number> {
  const environment = { ...process.env, NODE_ENV: 'test', TRADEWIND_OBSERVED: observed }
  const child = spawn(process.execPath, options, { stdio: 'inherit', env: environment })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve(status ?? 1))
  })
}

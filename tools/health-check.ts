import { environmentWithFile, readConfig } from '../src/config.ts'
import { dependencyChecks } from './dependencies.ts'

const TIMEOUT_MS = 10_000

interface Check {
  status: 'ok' | 'failing'
  ms?: number
  message?: string
}

/**
 * `scripts/health-check.sh [URL]`: a line for each part of a running shop; status 1 if one is wrong. Where none runs, the
 * storage and the log that the configuration names are asked from here.
 */
const config = readConfig(environmentWithFile())
const url = process.argv[2] ?? defaultUrl()

function defaultUrl(): string {
  const { PORT, HOST } = config
  return `http://${HOST === '0.0.0.0' ? '127.0.0.1' : HOST}:${PORT}`
}

function print(name: string, { status, ms, message }: Check) {
  console.log(
    `${status === 'ok' ? 'ok   ' : 'WRONG'}  ${name.padEnd(8)} ${ms === undefined ? '' : `${ms} ms`.padStart(8)}  ${message ?? ''}`.trimEnd(),
  )
  if (status !== 'ok') process.exitCode = 1
}

function printAll(checks: Record<string, Check>) {
  for (const [name, check] of Object.entries(checks)) print(name, check)
}

const began = performance.now()
try {
  const token = config.METRICS_TOKEN
  const answer = await fetch(`${url}/health`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  const health = (await answer.json()) as { status: string; version?: string; checks?: Record<string, Check> }
  const ms = Math.round(performance.now() - began)
  print('server', {
    status: answer.ok ? 'ok' : 'failing',
    ms,
    message: `${health.status}${health.version ? `, version ${health.version}` : ''} at ${url}`,
  })
  if (health.checks) printAll(health.checks)
  else {
    printAll(await dependencyChecks(config))
    console.log('This server tells no details without METRICS_TOKEN; the lines above were asked from here.')
  }
} catch (error) {
  const cause = (error as { cause?: Error }).cause?.message ?? (error as Error).message
  print('server', {
    status: 'failing',
    message: `no answer from ${url} (${cause}). Is it running? Start it with ./scripts/start.sh`,
  })
  printAll(await dependencyChecks(config))
}
// A client of a server that has stopped to answer may hold the process for longer than anybody waits.
process.exit()

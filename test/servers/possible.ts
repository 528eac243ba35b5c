import { spawnSync } from 'node:child_process'
import { findGo, LEAST_GO } from './go.ts'
import { isBuilt } from './stripe-mock.ts'

const JAVA = 17

/** The variable that names a server which is there already, and what is missing to start one. */
const SERVERS = {
  mongodb: { variable: 'MONGODB_URL', missing: missingForMongo },
  kafka: { variable: 'KAFKA_BOOTSTRAP_SERVERS', missing: missingForKafka },
  'stripe-mock': { variable: undefined, missing: missingForStripeMock },
} as const

/**
 * Why a server of this kind cannot be started on this machine, undefined when it can; a test that needs it prints the
 * reason and is skipped. With CI=true that is no way out.
 */
export function whyNot(kind: keyof typeof SERVERS): string | undefined {
  const { variable, missing } = SERVERS[kind]
  if (variable && process.env[variable]) return undefined
  const lacks = missing()
  if (lacks.length === 0) return undefined
  const why = `needs ${lacks.join(', ')}${variable ? `, or a server named by ${variable}` : ''}`
  if (process.env.CI === 'true') throw new Error(`CI=true, but a test cannot run: it ${why}`)
  return why
}

function missingForStripeMock(): string[] {
  return [
    ...(isBuilt() || findGo() ? [] : [`Go ${LEAST_GO.major}.${LEAST_GO.minor}`]),
    ...(process.platform !== 'linux' || runs('setpriv', '--version') ? [] : ['setpriv']),
  ]
}

function missingForMongo(): string[] {
  return runs('python3', '-c', 'import venv, ensurepip') ? [] : ['Python 3 with venv']
}

function missingForKafka(): string[] {
  const version = /version "(\d+)/.exec(spawnSync('java', ['-version'], { encoding: 'utf8' }).stderr ?? '')
  return [
    ...(Number(version?.[1] ?? 0) >= JAVA ? [] : [`Java ${JAVA}`]),
    ...(runs('mvn', '-version') ? [] : ['Maven']),
    ...(runs('kcat', '-V') ? [] : ['kcat']),
    ...(runs('openssl', 'version') ? [] : ['OpenSSL']),
    ...(runs('setpriv', '--version') ? [] : ['setpriv']),
  ]
}

function runs(command: string, ...options: string[]): boolean {
  return spawnSync(command, options, { stdio: 'ignore' }).status === 0
}

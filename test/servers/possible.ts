import { spawnSync } from 'node:child_process'

const JAVA = 17

/**
 * Why a server of this kind cannot be started on this machine, undefined when it can; a test that needs it prints the
 * reason and is skipped. With CI=true that is no way out.
 */
export function whyNot(kind: 'mongodb' | 'kafka'): string | undefined {
  const given = kind === 'mongodb' ? process.env.MONGODB_URL : process.env.KAFKA_BOOTSTRAP_SERVERS
  const missing = given ? [] : kind === 'mongodb' ? missingForMongo() : missingForKafka()
  if (missing.length === 0) return undefined
  const variable = kind === 'mongodb' ? 'MONGODB_URL' : 'KAFKA_BOOTSTRAP_SERVERS'
  const why = `needs ${missing.join(', ')}, or a server named by ${variable}`
  if (process.env.CI === 'true') throw new Error(`CI=true, but a test cannot run: it ${why}`)
  return why
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

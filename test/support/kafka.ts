import { execFileSync } from 'node:child_process'
import { type KafkaServer, startKafkaServer } from '../servers/kafka.ts'

const { KAFKA_BOOTSTRAP_SERVERS: GIVEN, CI } = process.env
const TOOLS = ['java', 'mvn', 'setpriv', 'openssl', 'kcat']

/**
 * Why tests cannot have a Kafka, false when they can: the value of a test's `skip`. `own`: the test kills or freezes the
 * broker, so that a given one will not do. With CI=true it fails instead of being skipped.
 */
export function withoutKafka({ own = false } = {}): string | false {
  const reason = own && GIVEN ? 'KAFKA_BOOTSTRAP_SERVERS names a broker that tests must not kill' : missing()
  if (reason && CI === 'true') throw new Error(`tests of Kafka would be skipped: ${reason}`)
  return reason
}

function missing(): string | false {
  const absent = (GIVEN ? ['kcat'] : TOOLS).filter((tool) => !isThere(tool))
  return absent.length > 0 && `Kafka needs ${absent.join(', ')}, which this machine does not have`
}

function isThere(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

let server: Promise<KafkaServer> | undefined

/** The broker of this test file, started when first asked for; it goes with the process. */
export function ownKafka(): Promise<KafkaServer> {
  server ??= startKafkaServer({ tls: true })
  return server
}

/** Where the tests' broker is: the given one, else one of this file's own. */
export async function kafkaBrokers(): Promise<string[]> {
  return GIVEN ? GIVEN.split(',') : [(await ownKafka()).bootstrap]
}

let prefixes = 0

/** Put before the names of topics and groups, so that tests share a broker and nothing else. */
export function newPrefix(): string {
  return `t${process.pid}-${Date.now().toString(36)}-${++prefixes}-`
}

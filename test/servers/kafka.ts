import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Admin } from '@platformatic/kafka'
import { freeze } from './freezing.ts'
import { bringKafka } from './kafka-jars.ts'
import { freePorts } from './ports.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { makeCertificates } from './tls.ts'

const run = promisify(execFile)
const RECIPE = join(import.meta.dirname, 'kafka')
const CLUSTER = 'AAAAAAAAAAAAAAAAAAAAAQ'
const START_TIMEOUT_MS = 60_000
const LOOK_MS = 50
const LOG_LINES = 20

const RIGHTS = `
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
`

export const API_KEY = 'TESTKEY'
export const API_SECRET = 'test-secret'

export interface KafkaServerOptions {
  /** Makes certificates and opens the SASL_SSL listener. */
  tls?: boolean
  /** Keys have no right but those they are given; whoever comes without a key has all. */
  rights?: boolean
  /** A folder that holds a half of the partitions, beside the one that holds the others and the cluster's own log. */
  second_disk?: string
}

/** A real broker of this process; it dies with it, even if that is killed. */
export interface KafkaServer {
  /** `host:port` without TLS and sign-in. */
  bootstrap: string
  /** The same through `proxy`. */
  proxied: string
  proxy: TcpProxy
  /** Sign-in with API_KEY and API_SECRET; over TLS where `tls` was asked for. */
  sasl: string
  tls: { bootstrap: string; ca_file: string; other_ca_file: string } | undefined
  /** Starts again on the same folder and ports; resolves when it answers. */
  start(given?: { secret?: string }): Promise<void>
  /** Gone when this resolves. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Takes no more time from now on: connections stay open and nothing is answered. */
  freeze(): Promise<void>
  thaw(): void
  /** Kills it and removes its folder. */
  remove(): Promise<void>
}

/** Starts Apache Kafka on free ports and a temporary folder. */
export async function startKafkaServer(options: KafkaServerOptions = {}): Promise<KafkaServer> {
  const jars = await bringKafka()
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-kafka-'))
  const [plain, controller, sasl, tls, behind, proxied] = (await freePorts(6)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const certificates = options.tls ? await makeCertificates(join(directory, 'tls')) : undefined
  const data = [join(directory, 'data'), ...(options.second_disk ? [options.second_disk] : [])]
  for (const one of data) mkdirSync(one, { recursive: true })
  const file = join(directory, 'server.properties')
  const configure = (secret: string) => {
    const values = {
      CONTROLLER_PORT: controller,
      SASL_PORT: sasl,
      TLS_PORT: tls,
      PROXY_PORT: behind,
      PROXY_ADVERTISED: proxied,
      PORT: plain,
      'DIR/data': data.join(','),
      DIR: directory,
      'test-secret': secret,
    }
    writeFileSync(file, properties(values, options))
  }
  const java = [
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=${join(RECIPE, 'log4j2.properties')}`,
    '-cp',
    `${jars}/*`,
  ]
  configure(API_SECRET)
  await run('java', [...java, 'kafka.tools.StorageTool', 'format', '--standalone', '-t', CLUSTER, '-c', file])

  let broker: ChildProcess | undefined
  const leave = () => {
    broker?.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', leave)
  const output = join(directory, 'broker.log')
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    const dying = broker
    broker = undefined
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return
    const gone = new Promise((resolve) => dying.once('exit', resolve))
    dying.ref()
    dying.kill(signal)
    await gone
  }
  const start: KafkaServer['start'] = async ({ secret = API_SECRET } = {}) => {
    configure(secret)
    const log = openSync(output, 'a')
    const arguments_ = ['--pdeathsig', 'KILL', 'java', ...java, 'kafka.Kafka', file]
    broker = spawn('setpriv', arguments_, { stdio: ['ignore', log, log] })
    broker.unref()
    await answering(broker, plain, output)
  }
  const proxy = await startTcpProxy(proxied, behind)
  await start()

  return {
    bootstrap: `127.0.0.1:${plain}`,
    proxied: `127.0.0.1:${proxied}`,
    proxy,
    sasl: `127.0.0.1:${sasl}`,
    tls: certificates && { bootstrap: `localhost:${tls}`, ...certificates },
    start,
    kill,
    freeze: () => freeze(broker),
    thaw: () => broker?.kill('SIGCONT'),
    async remove() {
      await kill()
      await proxy.close()
      leave()
      process.off('exit', leave)
    },
  }
}

/** The recipe's settings with this broker's values; without certificates there is no TLS listener. */
function properties(values: Record<string, string | number>, { tls, rights }: KafkaServerOptions): string {
  let text = readFileSync(join(RECIPE, 'server.properties'), 'utf8')
  if (rights) text += RIGHTS
  if (!tls)
    text = text.replaceAll(/,SASLSSL:\/\/[^,\n]*/g, '').replaceAll(/^listener\.name\.saslssl.*\n/gm, '')
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(name, String(value))
  return text
}

async function answering(broker: ChildProcess, port: number, output: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const admin = new Admin({
      clientId: 'test-server',
      bootstrapBrokers: [`127.0.0.1:${port}`],
      retries: 0,
      connectTimeout: 1_000,
      requestTimeout: 2_000,
    })
    try {
      const { brokers } = await admin.metadata({ topics: [], retries: 0 })
      if (brokers.size > 0) return
    } catch (error) {
      const ended = broker.exitCode !== null || broker.signalCode !== null
      if (ended || performance.now() > deadline) {
        const said = existsSync(output)
          ? readFileSync(output, 'utf8').split('\n').slice(-LOG_LINES).join('\n')
          : ''
        throw new Error(`Kafka did not start:\n${said}`, { cause: error })
      }
    } finally {
      await admin.close().catch(() => {})
    }
    await sleep(LOOK_MS)
  }
}

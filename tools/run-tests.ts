import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafkaServer } from '../test/servers/kafka.ts'
import { startMongoServer } from '../test/servers/mongodb.ts'
import { whyNot } from '../test/servers/possible.ts'

/**
 * `npm test [FILE …]`: every test, or those named. First everything on the embedded pair, the engines of MongoDB and
 * Kafka each by itself among it; then everything that speaks to a shop on MongoDB and Kafka together, and journeys on the
 * mixed pairs. The answers that the shop gave are noted in a folder (TRADEWIND_OBSERVED), so that a last step can say
 * which documented answers no test has seen. With TRADEWIND_PAIR set, the named files run on that pair.
 */
const ALL = ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts']
/** Without those that only look at HTTP, or that start a server on a folder themselves. */
const ON_A_SHOP = [
  'test/journeys/*.test.ts',
  'test/races/*.test.ts',
  'test/mail/{keeping,sending}.test.ts',
  'test/security/{accounts*,authentication-[ast]*,carts,catalog*,events,inventory*,orders*,reviews,users,wishlist}.test.ts',
  'src/shop/**/*.test.ts',
]
const A_JOURNEY = ['test/journeys/orders.test.ts', 'test/journeys/events.test.ts']
const TIMEOUT_MS = 600_000
/** As a shop has it (src/boot.mjs): every file is a process, and compiles nothing that another has compiled. */
const COMPILED = process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache')
const CONCURRENCY = 2

const named = process.argv.slice(2)
const observed = mkdtempSync(join(tmpdir(), 'tradewind-observed-'))
try {
  process.exitCode = named.length > 0 ? await test(named) : await everything()
} finally {
  rmSync(observed, { recursive: true, force: true })
}
// The servers end with this process.
process.exit()

async function everything(): Promise<number> {
  console.log('# everything, on the embedded pair')
  const status = await test(ALL)
  return status || (await node(['tools/assertions.ts'])) || (await onOtherPairs())
}

async function onOtherPairs(): Promise<number> {
  const why = whyNot('mongodb') ?? whyNot('kafka')
  if (why) {
    console.log(`# skipped: the shop on other pairs of engines ${why}`)
    return 0
  }
  const servers = {
    MONGODB_URL: process.env.MONGODB_URL ?? (await startMongoServer()).url,
    KAFKA_BOOTSTRAP_SERVERS: process.env.KAFKA_BOOTSTRAP_SERVERS ?? (await startKafkaServer()).bootstrap,
  }
  const runs: [pair: string, files: string[]][] = [
    ['mongo-kafka', ON_A_SHOP],
    ['sqlite-kafka', A_JOURNEY],
    ['mongo-embedded', A_JOURNEY],
  ]
  for (const [pair, files] of runs) {
    console.log(`# the shop on the pair ${pair}`)
    const status = await test(files, { ...servers, TRADEWIND_PAIR: pair })
    if (status) return status
  }
  return 0
}

function test(files: readonly string[], environment: Record<string, string> = {}): Promise<number> {
  const options = ['--test', `--test-concurrency=${CONCURRENCY}`, `--test-timeout=${TIMEOUT_MS}`]
  return node([...options, ...files], environment)
}

function node(options: readonly string[], given: Record<string, string> = {}): Promise<number> {
  const environment = {
    ...{ ...process.env, ...given, NODE_ENV: 'test' },
    ...{ TRADEWIND_OBSERVED: observed, NODE_COMPILE_CACHE: COMPILED },
  }
  const child = spawn(process.execPath, options, { stdio: 'inherit', env: environment })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve(status ?? 1))
  })
}

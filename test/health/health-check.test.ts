import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, test } from 'node:test'
import { makeTopics } from '../../src/stream/kafka/make-topics.ts'
import { API_KEY, API_SECRET, type KafkaServer, startKafkaServer } from '../servers/kafka.ts'
import { type MongoServer, startMongoServer } from '../servers/mongodb.ts'
import { whyNot } from '../servers/possible.ts'
import { namedDatabase } from '../support/mongo.ts'
import { type RunningShop, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'

const skip = whyNot('mongodb') ?? whyNot('kafka') ?? false
let mongo: MongoServer
let kafka: KafkaServer
let environment: Record<string, string>

before(async () => {
  if (skip) return
  mongo = await startMongoServer()
  kafka = await startKafkaServer({ tls: true })
  environment = {
    MONGODB_URL: namedDatabase(mongo.url, 'health'),
    KAFKA_BOOTSTRAP_SERVERS: kafka.tls!.bootstrap,
    KAFKA_API_KEY: API_KEY,
    KAFKA_API_SECRET: API_SECRET,
    KAFKA_CA_FILE: kafka.tls!.ca_file,
  }
  await makeTopics({ brokers: [kafka.bootstrap] })
})
after(async () => {
  if (skip) return
  await mongo.remove()
  await kafka.remove()
})

/** What `scripts/health-check.sh` prints, by the name of the line. */
async function healthCheck(change: Record<string, string> = {}, url = 'http://127.0.0.1:9') {
  const child = spawn(process.execPath, ['tools/health-check.ts', url], {
    env: { PATH: process.env.PATH, ...environment, ...change },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const status = await new Promise((resolve) => child.on('close', resolve))
  const lines = output.split('\n').filter(Boolean)
  const line = (name: string) => lines.find((one) => one.split(/\s+/)[1] === name) ?? ''
  return { status, server: line('server'), storage: line('storage'), stream: line('stream') }
}

test('where no server runs, the health check asks storage and log itself', { skip }, async () => {
  const { status, server, storage, stream } = await healthCheck()
  assert.match(server, /^WRONG .*Is it running/)
  assert.match(storage, /^ok /)
  assert.match(stream, /^ok /)
  assert.equal(status, 1)
})

test('a wrong secret and a wrong authority are told apart', { skip }, async () => {
  const secret = await healthCheck({ KAFKA_API_SECRET: 'not the secret' })
  assert.match(secret.stream, /^WRONG .*KAFKA_API_SECRET/)
  assert.ok(!secret.stream.includes('not the secret'))
  assert.match(secret.storage, /^ok /)
  const authority = await healthCheck({ KAFKA_CA_FILE: kafka.tls!.other_ca_file })
  assert.match(authority.stream, /^WRONG .*KAFKA_CA_FILE/)
})

test('a running shop says for each part how it is: all well, broker away, database away', {
  skip,
}, async () => {
  const shop: RunningShop = await startShop({ environment })
  try {
    const well = await healthCheck({}, shop.url)
    assert.match(well.server, /^ok /)
    assert.match(well.storage, /^ok /)
    assert.match(well.stream, /^ok /)
    assert.equal(well.status, 0)

    await kafka.kill()
    await until(async () => (await healthCheck({}, shop.url)).stream.startsWith('WRONG'))
    const lonely = await healthCheck({}, shop.url)
    assert.match(lonely.stream, /No broker answers at localhost:\d+|no answer within 2 s/)
    assert.match(lonely.storage, /^ok /)
    assert.match((await healthCheck()).stream, /^WRONG .*No broker answers at localhost:\d+/)
    await kafka.start()
    await until(async () => (await healthCheck({}, shop.url)).status === 0)

    await mongo.kill()
    await until(async () => (await healthCheck({}, shop.url)).storage.startsWith('WRONG'))
    const dark = await healthCheck({}, shop.url)
    assert.match(dark.storage, /^WRONG .*(database does not answer|no answer within 2 s)/)
    assert.match((await healthCheck()).storage, /^WRONG .*127\.0\.0\.1:\d+/)
    await mongo.start()
    await until(async () => (await healthCheck({}, shop.url)).status === 0)
  } finally {
    await shop.stop()
  }
})

test('in production the parts are told with the token, and without it asked from here', {
  skip,
}, async () => {
  const token = 'a token of sixteen or more'
  const production = {
    NODE_ENV: 'production',
    JWT_SECRET_KEY: 'k'.repeat(20) + 'Qz81'.repeat(5),
    ADMIN_EMAIL: 'owner@lamps.example',
    ADMIN_PASSWORD: 'not the default one 1',
    BCRYPT_COST: '10',
  }
  // The other shop was made with the default password, with which production does not start.
  const MONGODB_URL = namedDatabase(mongo.url, 'health_production')
  const shop = await startShop({
    environment: { ...environment, ...production, MONGODB_URL, METRICS_TOKEN: token },
  })
  try {
    const told = await healthCheck({ ...production, METRICS_TOKEN: token }, shop.url)
    assert.match(told.server, /^ok /)
    assert.match(told.storage, /^ok /)
    assert.match(told.stream, /^ok /)
    const hidden = await healthCheck({ ...production, MONGODB_URL: 'mongodb://127.0.0.1:9/x' }, shop.url)
    assert.match(hidden.server, /^ok /)
    assert.match(hidden.storage, /^WRONG .*127\.0\.0\.1:9 does not answer/)
    assert.match(hidden.stream, /^ok /)
    assert.equal(hidden.status, 1)
  } finally {
    await shop.stop()
  }
})

test('a wrong password of the database is told', { skip }, async () => {
  const locked = await startMongoServer({ auth: true })
  try {
    const url = `mongodb://shop:wrong@127.0.0.1:${locked.port}/tradewind?authSource=admin`
    const { storage, stream } = await healthCheck({ MONGODB_URL: url })
    assert.match(storage, /^WRONG .*refuses the name or password. Correct them in MONGODB_URL/)
    assert.match(stream, /^ok /)
  } finally {
    await locked.remove()
  }
})

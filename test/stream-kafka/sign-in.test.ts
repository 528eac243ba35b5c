import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { Connection, instancesChannel } from '@platformatic/kafka'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { openKafkaLog } from '../../src/stream/kafka/kafka-log.ts'
import { makeTopics } from '../../src/stream/kafka/make-topics.ts'
import { API_KEY, API_SECRET, type KafkaServer, startKafkaServer } from '../servers/kafka.ts'
import { newPrefix, whyNotOwn } from '../support/kafka.ts'
import { startLoad } from '../support/kafka-load.ts'
import { faultOf, openKafkaWorld, report } from '../support/kafka-world.ts'
import { everything, outboxEntry, SILENT } from '../support/log.ts'
import { memoryOutbox } from '../support/outbox.ts'
import { until } from '../support/until.ts'

const ROOT = join(import.meta.dirname, '../..')
const SETUP_MS = 60_000

describe('signing in to Kafka over TLS', { skip: whyNotOwn() ?? false }, () => {
  let kafka: KafkaServer
  before(async () => {
    kafka = await startKafkaServer({ tls: true })
  })
  after(() => kafka.remove())

  const address = (given: { api_key?: string; api_secret?: string; ca_file?: string } = {}) => ({
    brokers: [kafka.tls!.bootstrap],
    api_key: API_KEY,
    api_secret: API_SECRET,
    ca_file: kafka.tls!.ca_file,
    ...given,
  })

  const open = (given: object) =>
    openKafkaLog({
      ...address(),
      topic_prefix: 'none-',
      ...given,
      clock,
      logger: SILENT,
      node_id: 'test',
      outbox: memoryOutbox().outbox,
    })

  it('works with the key, its secret and the authority that signed the broker', async (t) => {
    const topic_prefix = newPrefix()
    await makeTopics({ ...address(), topic_prefix })
    const log = await open({ topic_prefix })
    t.after(() => log.close())
    await log.check()
    await log.appendOutbox([outboxEntry(1, { key: 'k' })])
    assert.equal((await everything(log, ['ecommerce-orders'])).length, 1)
  })

  it('makes the topics by the script, which a second time finds them all there', async () => {
    const environment = {
      KAFKA_BOOTSTRAP_SERVERS: kafka.tls!.bootstrap,
      KAFKA_API_KEY: API_KEY,
      KAFKA_API_SECRET: API_SECRET,
      KAFKA_CA_FILE: kafka.tls!.ca_file,
      KAFKA_TOPIC_PREFIX: newPrefix(),
    }
    const setUp = async (given: object = {}) => {
      const options = { env: { ...process.env, ...environment, ...given }, cwd: ROOT, timeout: SETUP_MS }
      return promisify(execFile)(process.execPath, ['tools/setup-kafka.ts'], options)
    }
    const first = (await setUp()).stdout
    assert.match(first, /made {3}\S*ecommerce-orders: 12 partitions, 1 copy, kept for ever/)
    assert.match(first, /made {3}\S*ecommerce-clickstream: 12 partitions, 1 copy, kept for 30 days/)
    assert.match(first, /7 topics at .*\. 7 were made\./)
    const second = (await setUp()).stdout
    assert.match(second, /7 topics at .*\. All were there; nothing was changed\./)
    assert.doesNotMatch(second, /WARNING|made {3}/)
    await assert.rejects(setUp({ KAFKA_API_SECRET: 'wrong' }), (error: { code: number; stderr: string }) => {
      assert.equal(error.code, 1)
      assert.match(error.stderr, /refuses the key or its secret; check KAFKA_API_KEY and KAFKA_API_SECRET/)
      return true
    })
  })

  it('says in a sentence what stops it', async () => {
    const { tls } = kafka
    const sentences: [given: object, sentence: RegExp][] = [
      [{ api_secret: 'wrong' }, /refuses the key or its secret; check KAFKA_API_KEY and KAFKA_API_SECRET/],
      [{ api_key: 'nobody' }, /refuses the key or its secret/],
      [{ ca_file: tls!.other_ca_file }, /certificate of Kafka at .* is not trusted .*KAFKA_CA_FILE/],
      [{ ca_file: undefined }, /certificate of Kafka at .* is not trusted .*KAFKA_CA_FILE/],
      [{ ca_file: '/nowhere/ca.crt' }, /KAFKA_CA_FILE names \/nowhere\/ca\.crt, which cannot be read/],
      [{ api_key: undefined, ca_file: undefined }, /wants TLS; set KAFKA_API_KEY and KAFKA_API_SECRET/],
      [{}, /topics none-ecommerce-user-events, .* are missing in Kafka; make .*setup-kafka\.sh/],
    ]
    for (const [given, sentence] of sentences) {
      const started = performance.now()
      await assert.rejects(open(given), { name: 'StartRefused', message: sentence })
      assert.ok(performance.now() - started < 8_000, `${sentence} took long`)
    }
  })

  it('does not keep a shop from starting when a balancer stands before a broker that is not there yet', async (t) => {
    const balancer = createServer((socket) => socket.destroy())
    const { port } = await new Promise<AddressInfo>((resolve) =>
      balancer.listen(0, '127.0.0.1', () => resolve(balancer.address() as AddressInfo)),
    )
    t.after(() => balancer.close())
    const log = await open({ brokers: [`localhost:${port}`] })
    t.after(() => log.close())
    await assert.rejects(log.check(), /closes the connection at its greeting: no broker is ready behind it/)

    const plain = await open({ brokers: [kafka.bootstrap] })
    t.after(() => plain.close())
    await assert.rejects(plain.check(), /or it speaks no TLS on this port/)
  })

  it('survives a socket that is reset after the broker has refused the secret', async (t) => {
    const sockets: EventEmitter[] = []
    const notice = (created: unknown) => {
      const { instance } = created as { instance: unknown }
      if (instance instanceof Connection)
        instance.once('ready', () => setImmediate(() => sockets.push(instance.socket)))
    }
    instancesChannel.subscribe(notice)
    t.after(() => instancesChannel.unsubscribe(notice))
    await assert.rejects(open({ api_secret: 'wrong' }), { name: 'StartRefused' })
    assert.ok(sockets.length > 0)
    for (const socket of sockets) socket.emit('error', new Error('read ECONNRESET'))
  })

  it('fails when the secret is changed: the shop says so, and goes on when it is changed back', async (t) => {
    const world = await openKafkaWorld(t, address())
    const load = startLoad(t, { log: world.log, outbox: world.memory.outbox, per_second: 200 })
    await until(() => load.acknowledged.length > 200)
    await kafka.kill()
    await kafka.start({ secret: 'another' })
    const wrong = /refuses the key or its secret; check KAFKA_API_KEY and KAFKA_API_SECRET/
    await until(async () => wrong.test((await faultOf(world)) ?? ''))
    await kafka.kill()
    await kafka.start()
    await load.stop()
    report(t, await world.check(kafka.bootstrap, load.acknowledged))
    assert.equal(load.door.refused, 0)
    await until(async () => (await faultOf(world)) === undefined)
  })
})

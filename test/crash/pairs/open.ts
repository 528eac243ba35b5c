import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { makeTopics } from '../../../src/stream/kafka/make-topics.ts'
import { startKafkaServer } from '../../servers/kafka.ts'
import { startMongoServer } from '../../servers/mongodb.ts'
import { prepareTestProvider } from '../../servers/test-provider.ts'
import { embeddedLogReader } from '../check/embedded-log-reader.ts'
import type { LogReader, StorageReader } from '../check/facts.ts'
import { kafkaReader } from '../check/kafka-reader.ts'
import { mongoReader } from '../check/mongo-reader.ts'
import { providerReader } from '../check/provider-reader.ts'
import { sqliteReader } from '../check/sqlite-reader.ts'
import { type Killable, nodeDirectory, type Pair, type PairName } from './pair.ts'

const DATABASE = 'crash'
/** The server of the tests is slow: callers wait longer for a connection than they would anywhere else. */
const PATIENCE = 'waitQueueTimeoutMS=10000'

/** One half of a pair. */
interface Half<Reader> {
  reader: Reader
  environment: Record<string, string>
  server?: Killable
}

export interface PairOptions {
  /** Whether the database syncs every commit, as it must where it is killed; it is slow then. */
  durable?: boolean
}

/** Starts what the pair needs beside the shop; `directory` is the campaign's. */
export async function openPair(
  name: PairName,
  directory: string,
  { durable = true }: PairOptions = {},
): Promise<Pair> {
  const data = nodeDirectory(directory, 0)
  const storage = name.startsWith('mongo') ? await mongoStorage(durable) : embedded(sqliteReader(data))
  const log = name.endsWith('kafka') ? await kafkaLog() : embedded(embeddedLogReader(data))
  const clock_file = join(directory, 'clock-offset')
  const clock = { CLOCK_OFFSET_FILE: clock_file }
  const payments = await prepareTestProvider({ folder: join(directory, 'provider'), environment: clock })
  return {
    name,
    environment: {
      // Longer than any campaign and any jump of the clock, and the same for every process.
      ACCESS_TOKEN_TTL: '1d',
      JWT_SECRET_KEY: randomBytes(48).toString('base64url'),
      ...clock,
      ...payments.environment,
      ...storage.environment,
      ...log.environment,
    },
    servers: {
      ...(log.server && { broker: log.server }),
      ...(storage.server && { database: storage.server }),
      provider: payments,
    },
    storage: storage.reader,
    log: log.reader,
    provider: providerReader(payments.ledger),
    payments,
    clock_file,
    async remove() {
      await payments.remove()
      await storage.reader.close()
      await storage.server?.remove()
      await log.server?.remove()
    },
  }
}

function embedded<Reader>(reader: Reader): Half<Reader> {
  return { reader, environment: {} }
}

async function mongoStorage(durable: boolean): Promise<Half<StorageReader>> {
  const server = await startMongoServer({ durable })
  const url = `${server.url}${DATABASE}?${PATIENCE}`
  return { reader: mongoReader(url), environment: { MONGODB_URL: url }, server }
}

async function kafkaLog(): Promise<Half<LogReader>> {
  const server = await startKafkaServer()
  const { bootstrap } = server
  await makeTopics({ brokers: [bootstrap] })
  return { reader: kafkaReader({ bootstrap }), environment: { KAFKA_BOOTSTRAP_SERVERS: bootstrap }, server }
}

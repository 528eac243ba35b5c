import { Admin, ConfigResourceTypes, type MultipleErrors } from '@platformatic/kafka'
import { PARTITIONS, type Topic } from '../../kernel/event.ts'
import { StartRefused } from '../../kernel/start-refused.ts'
import { accessOf, clientOptions, closeWithin, type KafkaAccess, type KafkaAddress } from './connection.ts'
import { faultOf } from './faults.ts'
import { retentionOf, topicNames } from './topics.ts'

/** As many as most clusters have brokers for; with fewer, one copy on each. */
const WANTED_COPIES = 3
const CLOSE_MS = 2_000
const HEARD_RETRIES = 30

export interface MadeTopic {
  name: string
  made: boolean
  partitions: number
  copies: number
  /** Milliseconds, -1 for ever. */
  retention_ms: number
  /** What differs from what is wanted, a sentence each. */
  differences: string[]
}

interface Wanted {
  topic: Topic
  name: string
  copies: number
  configs: Record<string, string>
}

/**
 * Makes the shop's topics where they are missing, changes none that is there, and says what differs. Throws StartRefused
 * with a sentence when the cluster cannot be used.
 */
export async function makeTopics(address: KafkaAddress & { topic_prefix?: string }): Promise<MadeTopic[]> {
  const access = accessOf(address, 'setup')
  const admin = new Admin({ ...clientOptions(access, 'topics'), retries: 2 })
  try {
    const { brokers } = await admin.metadata({ topics: [], forceUpdate: true, retries: 0 })
    const copies = Math.min(WANTED_COPIES, brokers.size)
    const names = topicNames(address.topic_prefix ?? '')
    const made: MadeTopic[] = []
    for (const name of names.all) {
      const topic = names.topicOf(name)!
      const wanted = { topic, name, copies, configs: configsOf(topic, copies) }
      const isNew = await make(admin, wanted)
      made.push({ ...(isNew ? asWanted(wanted) : await compare(admin, wanted)), made: isNew })
    }
    // Brokers hear of a new topic a moment after it was made.
    await admin.metadata({ topics: [...names.all], forceUpdate: true, retries: HEARD_RETRIES })
    return made
  } catch (error) {
    throw new StartRefused(sentenceOf(error, access), error)
  } finally {
    await closeWithin(admin, CLOSE_MS)
  }
}

function configsOf(topic: Topic, copies: number): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionOf(topic)),
    // With three copies, one broker may be away and events are still taken, and are on two.
    'min.insync.replicas': String(Math.max(1, copies - 1)),
    'message.timestamp.type': 'CreateTime',
  }
}

/** False when it was there. */
async function make(admin: Admin, { name, copies, configs }: Wanted): Promise<boolean> {
  try {
    await admin.createTopics({
      topics: [name],
      partitions: PARTITIONS,
      replicas: copies,
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    })
    return true
  } catch (error) {
    if ((error as MultipleErrors).findBy?.('apiId', 'TOPIC_ALREADY_EXISTS')) return false
    throw error
  }
}

function asWanted({ topic, name, copies }: Wanted): Omit<MadeTopic, 'made'> {
  return { name, partitions: PARTITIONS, copies, retention_ms: retentionOf(topic), differences: [] }
}

async function compare(admin: Admin, wanted: Wanted): Promise<Omit<MadeTopic, 'made'>> {
  const { name, copies } = wanted
  const { topics } = await admin.metadata({ topics: [name], forceUpdate: true })
  const there = topics.get(name)!
  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: name }
  const [described] = await admin.describeConfigs({ resources: [resource] })
  const config = new Map(described?.configs.map((one) => [one.name, one.value ?? '']))
  const replicas = Math.min(...there.partitions.map((partition) => partition.replicas.length))
  const differences: string[] = []
  const expect = (what: string, is: string | number, should: string | number) => {
    if (String(is) !== String(should)) differences.push(`${what} is ${is}, but ${should} is wanted`)
  }
  expect('the number of partitions', there.partitionsCount, PARTITIONS)
  if (replicas < copies) expect('the number of copies', replicas, copies)
  const all = { ...wanted.configs, 'retention.bytes': '-1', 'compression.type': 'producer' }
  for (const [key, value] of Object.entries(all)) expect(key, config.get(key) ?? value, value)
  return {
    name,
    partitions: there.partitionsCount,
    copies: replicas,
    retention_ms: Number(config.get('retention.ms') ?? Number.NaN),
    differences,
  }
}

function sentenceOf(error: unknown, access: KafkaAccess): string {
  return faultOf(error, access.brokers).sentence
}

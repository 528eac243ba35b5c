import { ConfigurationError, EXIT_CONFIGURATION, environmentWithFile, readConfig } from '../src/config.ts'
import { PARTITIONS } from '../src/kernel/event.ts'
import { StartRefused } from '../src/kernel/start-refused.ts'
import { type MadeTopic, makeTopics } from '../src/stream/kafka/make-topics.ts'

/** `scripts/setup-kafka.sh`: makes the topics that are missing in Kafka; status 1 when one cannot be used as it is. */
const DAY_MS = 86_400_000

try {
  process.exitCode = await main()
} catch (error) {
  process.exitCode = error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1
  const expected = error instanceof ConfigurationError || error instanceof StartRefused
  console.error(expected ? error.message : error)
}

async function main(): Promise<number> {
  const config = readConfig(environmentWithFile())
  const { KAFKA_BOOTSTRAP_SERVERS: brokers } = config
  if (!brokers) {
    console.error('KAFKA_BOOTSTRAP_SERVERS is absent: the log is the embedded one and needs no topics.')
    return EXIT_CONFIGURATION
  }
  const topics = await makeTopics({
    brokers,
    api_key: config.KAFKA_API_KEY,
    api_secret: config.KAFKA_API_SECRET,
    ca_file: config.KAFKA_CA_FILE,
    topic_prefix: config.KAFKA_TOPIC_PREFIX,
  })
  for (const topic of topics) print(topic)
  const made = topics.filter((topic) => topic.made).length
  const there = made === 0 ? 'All were there; nothing was changed.' : `${made} were made.`
  console.log(`${topics.length} topics at ${brokers.join(', ')}. ${there}`)
  return topics.every(({ partitions }) => partitions === PARTITIONS) ? 0 : 1
}

function print({ name, made, partitions, copies, retention_ms, differences }: MadeTopic): void {
  const kept = retention_ms === -1 ? 'kept for ever' : `kept for ${retention_ms / DAY_MS} days`
  const word = made ? 'made ' : 'there'
  console.log(
    `${word}  ${name}: ${partitions} partitions, ${copies} ${copies === 1 ? 'copy' : 'copies'}, ${kept}`,
  )
  for (const difference of differences) console.log(`       WARNING: ${difference}`)
}

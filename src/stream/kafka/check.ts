import { Admin } from '@platformatic/kafka'
import { PARTITIONS } from '../../kernel/event.ts'
import { StartRefused } from '../../kernel/start-refused.ts'
import { accessOf, clientOptions, closeWithin, type KafkaAccess, type KafkaAddress } from './connection.ts'
import { type Fault, faultOf, missingTopics } from './faults.ts'
import { topicNames } from './topics.ts'

/** Longest that a check waits for a broker which may have stopped to answer. */
const ANSWER_MS = 5_000
const CLOSE_MS = 1_000

export interface KafkaCheck {
  /** What is wrong: nothing when all topics are there with their partitions and this client may see them. */
  fault(): Promise<Fault | undefined>
  close(): Promise<void>
}

/** Asks the cluster for the topics: cheap, and it needs an answer, the sign-in and the rights to see them. */
export function kafkaCheck(access: KafkaAccess, names: readonly string[]): KafkaCheck {
  const admin = new Admin({ ...clientOptions(access, 'check'), retries: 0 })

  const look = async (): Promise<Fault | undefined> => {
    const { topics } = await admin.metadata({ topics: [...names], forceUpdate: true, retries: 0 })
    const missing = names.filter((name) => !topics.get(name))
    if (missing.length > 0) return missingTopics(missing)
    const odd = names.find((name) => topics.get(name)!.partitionsCount !== PARTITIONS)
    if (odd === undefined) return undefined
    const count = topics.get(odd)!.partitionsCount
    return {
      kind: 'topic',
      sentence: `The topic ${odd} has ${count} partitions, but must have ${PARTITIONS}: keys would change their place. Make it anew, or choose another KAFKA_TOPIC_PREFIX.`,
    }
  }

  /** The client names the first of several. */
  const allMissing = async (fault: Fault): Promise<Fault> => {
    const there = new Set(await admin.listTopics())
    const missing = names.filter((name) => !there.has(name))
    return missing.length > 0 ? missingTopics(missing) : fault
  }

  const answer = async (): Promise<Fault | undefined> => {
    try {
      return await look()
    } catch (error) {
      admin.clearMetadata()
      const fault = faultOf(error, access.brokers)
      return fault.kind === 'topic' ? allMissing(fault).catch(() => fault) : fault
    }
  }

  return {
    async fault() {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<Fault>((resolve) => {
        const sentence = `No broker answers at ${access.brokers.join(', ')} within ${ANSWER_MS / 1_000} s.`
        timer = setTimeout(resolve, ANSWER_MS, { kind: 'away', sentence })
      })
      try {
        return await Promise.race([answer(), late])
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => closeWithin(admin, CLOSE_MS),
  }
}

/** Rejects with a sentence when a shop could not use this cluster now; changes nothing there. */
export async function checkKafka({
  topic_prefix = '',
  ...address
}: KafkaAddress & { topic_prefix?: string }): Promise<void> {
  const check = kafkaCheck(accessOf(address, 'check'), topicNames(topic_prefix).all)
  const fault = await check.fault()
  await check.close()
  if (fault) throw new StartRefused(fault.sentence)
}

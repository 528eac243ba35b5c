import { PARTITIONS, TOPICS, type Topic } from '../../kernel/event.ts'

const FOR_EVER = -1
const DAYS_30_MS = 30 * 86_400_000

/** How long Kafka keeps a topic; what only visitors did and what nobody could take does not stay for ever. */
export function retentionOf(topic: Topic): number {
  return topic === 'ecommerce-clickstream' || topic === 'ecommerce-dead-letters' ? DAYS_30_MS : FOR_EVER
}

/** Names of topics on a cluster that several shops may share. */
export function topicNames(prefix: string) {
  const names = new Map<string, Topic>(TOPICS.map((topic) => [`${prefix}${topic}`, topic]))
  return {
    all: [...names.keys()],
    nameOf: (topic: Topic) => `${prefix}${topic}`,
    topicOf: (name: string) => names.get(name),
  }
}

export type TopicNames = ReturnType<typeof topicNames>

/** A partition of a topic, by the topic's name on the cluster. */
export interface Place {
  name: string
  partition: number
}

export function keyOf({ name, partition }: Place): string {
  return `${name}/${partition}`
}

export function placesOf(names: readonly string[]): Place[] {
  return names.flatMap((name) => Array.from({ length: PARTITIONS }, (_, partition) => ({ name, partition })))
}

import { Admin } from '@platformatic/kafka'
import { PARTITIONS, TOPICS } from './check/facts.ts'

/** Makes the shop's topics on a broker that has none of them. */
export async function makeTopics(bootstrap: string, prefix = ''): Promise<void> {
  const admin = new Admin({ clientId: 'crash-campaign', bootstrapBrokers: [bootstrap] })
  try {
    const topics = TOPICS.map((topic) => `${prefix}${topic}`)
    await admin.createTopics({ topics, partitions: PARTITIONS, replicas: 1 })
  } finally {
    await admin.close()
  }
}

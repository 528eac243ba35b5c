import { ALL_COLLECTIONS } from '../src/collections.ts'
import type { Config } from '../src/config.ts'
import { kafkaAccess } from '../src/engines.ts'
import { checkMongo } from '../src/storage/mongo/mongo-storage.ts'
import { checkKafka } from '../src/stream/kafka/check.ts'

export interface DependencyCheck {
  status: 'ok' | 'failing'
  ms: number
  message?: string
}

/** Asks the servers that the configuration names, without a shop between; none are asked for the embedded engines. */
export async function dependencyChecks(config: Config): Promise<Record<string, DependencyCheck>> {
  const checks: Record<string, DependencyCheck> = {}
  const { MONGODB_URL: url, KAFKA_BOOTSTRAP_SERVERS: brokers } = config
  if (url !== undefined) checks.storage = await asked(() => checkMongo({ url, collections: ALL_COLLECTIONS }))
  if (brokers !== undefined)
    checks.stream = await asked(() =>
      checkKafka(kafkaAccess({ ...config, KAFKA_BOOTSTRAP_SERVERS: brokers })),
    )
  return checks
}

async function asked(ask: () => Promise<void>): Promise<DependencyCheck> {
  const began = performance.now()
  const ms = () => Math.round(performance.now() - began)
  try {
    await ask()
    return { status: 'ok', ms: ms() }
  } catch (error) {
    return { status: 'failing', ms: ms(), message: (error as Error).message }
  }
}

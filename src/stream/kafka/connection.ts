import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type Base, type BaseOptions, Connection, instancesChannel } from '@platformatic/kafka'
import { StartRefused } from '../../kernel/start-refused.ts'

const CONNECT_TIMEOUT_MS = 5_000
/** Also the longest that closing waits for a broker which has stopped to answer, where nothing cuts it short. */
const REQUEST_TIMEOUT_MS = 10_000
const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 1_000

/**
 * A connection tells of every error, and the client's pool hears only the first: a broker that refuses the secret and
 * then resets the socket would end the process. What fails is told by the requests on the connection.
 */
instancesChannel.subscribe((created) => {
  const { instance } = created as { instance: unknown }
  if (instance instanceof Connection) instance.on('error', () => {})
})

export interface KafkaAddress {
  /** `host:port` of some brokers; the others are learned from them. */
  brokers: readonly string[]
  /** With a key the client signs in by SASL/PLAIN over TLS. */
  api_key?: string
  api_secret?: string
  /** Certificate of a private authority; switches TLS on. */
  ca_file?: string
}

/** What every client needs; plain data, so that a thread can have it. */
export interface KafkaAccess {
  brokers: readonly string[]
  api_key?: string
  api_secret?: string
  ca?: string
  /** Names this node in the broker's logs. */
  node_id: string
}

export function accessOf(address: KafkaAddress, node_id: string): KafkaAccess {
  const { brokers, api_key, api_secret, ca_file } = address
  try {
    const ca = ca_file === undefined ? undefined : readFileSync(ca_file, 'utf8')
    return { brokers, api_key, api_secret, ca, node_id }
  } catch (error) {
    const why = (error as Error).message
    throw new StartRefused(`KAFKA_CA_FILE names ${ca_file}, which cannot be read (${why}).`, error)
  }
}

/** Options of one client; a new object for each, because clients write into theirs. */
export function clientOptions(access: KafkaAccess, purpose: string): BaseOptions {
  const { brokers, api_key, api_secret, ca, node_id } = access
  const named = brokers.every((broker) => isIP(hostOf(broker)) === 0)
  return {
    clientId: `tradewind-${purpose}-${node_id}`,
    bootstrapBrokers: [...brokers],
    connectTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    autocreateTopics: false,
    retryDelay: (_client, _operation, attempt) => retryDelay(attempt),
    ...((api_key !== undefined || ca !== undefined) && {
      tls: { ca },
      // Clusters behind one address tell their brokers apart by the name in the TLS greeting; an address has none.
      tlsServerName: named,
    }),
    ...(api_key !== undefined && {
      sasl: { mechanism: 'PLAIN', username: api_key, password: api_secret ?? '' },
    }),
  }
}

/** Milliseconds before the next attempt. */
export function retryDelay(attempt: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt, 10), LAST_RETRY_MS)
}

export function hostOf(broker: string): string {
  return broker.slice(0, broker.lastIndexOf(':')).replace(/^\[|\]$/g, '')
}

/**
 * Ends a client whose broker may have stopped to answer: what it has under way is given up, and its sockets go at once
 * instead of after their time-outs.
 */
export function abandon(client: Base): void {
  for (const [, connection] of client.connections) connection.socket?.destroy()
  client.close().catch(() => {})
}

/** Closes a client in good order, but within `within_ms`. */
export async function closeWithin(
  client: Base,
  within_ms: number,
  close = () => client.close(),
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, within_ms, 'late')
  })
  const outcome = await Promise.race([close().catch(() => 'late'), late])
  clearTimeout(timer)
  if (outcome === 'late') abandon(client)
}

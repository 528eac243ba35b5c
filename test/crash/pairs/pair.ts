import type { TestProviderServer } from '../../servers/test-provider.ts'
import type { LogReader, ProviderFacts, StorageReader } from '../check/facts.ts'

/** A server beside the shop that the campaign may kill. */
export interface Killable {
  kill(): Promise<void>
  /** Again, on the same folder and port; resolves when it answers. */
  start(): Promise<void>
  remove(): Promise<void>
}

export type ServerKind = 'broker' | 'database' | 'provider'

/** The engines under a shop: how it finds them, how they die, and who reads past the shop what they hold. */
export interface Pair {
  name: PairName
  /** For every process of the shop. */
  environment: Record<string, string>
  servers: Partial<Record<ServerKind, Killable>>
  storage: StorageReader
  log: LogReader
  /** The ledger of the test provider, which all nodes share. */
  provider: () => ProviderFacts
  /** The provider itself; it is started when the shop has an address. */
  payments: TestProviderServer
  /** The file that moves the clock of shop and provider. */
  clock_file: string
  /** Ends every server of the pair and removes what it kept. */
  remove(): Promise<void>
}

export const PAIR_NAMES = ['embedded', 'mongo-kafka', 'sqlite-kafka', 'mongo-embedded'] as const
export type PairName = (typeof PAIR_NAMES)[number]

/** Whether the pair's shop may run as several processes. */
export function sharesEngines(name: PairName): boolean {
  return name === 'mongo-kafka'
}

/** The folder of a node's own files. */
export function nodeDirectory(directory: string, node: number): string {
  return `${directory}/data${node === 0 ? '' : `-${node}`}`
}

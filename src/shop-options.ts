import type { Config } from './config.ts'
import type { Clock } from './kernel/clock.ts'
import type { Logger } from './kernel/logger.ts'
import type { Nodes } from './kernel/nodes.ts'
import type { Mailbox, Mailer } from './mail/mailer.ts'
import type { Media } from './media/media.ts'
import type { PaymentProvider } from './payments/provider.ts'
import type { ParkedSubject } from './shop/attention/schema.ts'
import type { TokenKeys } from './shop/auth/tokens.ts'
import type { Mending } from './shop/dead-letters/dead-letters.ts'
import type { Storage } from './storage/storage.ts'
import type { Log } from './stream/stream.ts'

/** What the shop is given by whoever starts it. */
export interface ShopOptions {
  config: Config
  /** How many nodes serve the shop from this storage. */
  nodes: Nodes
  /** Whether an event may stand in the log twice, and nobody keeps the clickstream but the log: so it is with Kafka. */
  log_repeats: boolean
  /** Keys of access tokens; with several nodes the same on each, else the current one may have been generated. */
  keys: TokenKeys
  storage: Storage
  log: Log
  /** Whoever charges cards; undefined where they are not taken. */
  provider: PaymentProvider | undefined
  /** Whoever reads and keeps images. */
  media: Media
  mailer: Mailer
  mail_from: Mailbox
  clock: Clock
  logger: Logger
  /** New for every start: where one node is all there is, leases of earlier starts are void at once. */
  start_id: string
  /** Subjects of the log that a consumer could not read on. */
  parked(): ParkedSubject[]
  /** What the stream does for dead letters. */
  mending: Mending
}

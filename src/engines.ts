import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { ALL_COLLECTIONS as collections } from './collections.ts'
import { type Config, ConfigurationError } from './config.ts'
import type { Clock } from './kernel/clock.ts'
import type { Logger } from './kernel/logger.ts'
import type { Nodes } from './kernel/nodes.ts'
import type { Mailbox, Mailer } from './mail/mailer.ts'
import { createDiskStore } from './media/disk/disk-store.ts'
import type { Media, MediaStore } from './media/media.ts'
import { createPictures } from './media/sharp/pictures.ts'
import type { PaymentProvider } from './payments/provider.ts'
import { lockDataDirectory } from './storage/sqlite/data-directory.ts'
import { openSqliteStorage } from './storage/sqlite/sqlite-storage.ts'
import type { Storage } from './storage/storage.ts'
import { openEmbeddedLog } from './stream/embedded/embedded-log.ts'
import { DEFAULT_RETENTION, type Retention } from './stream/embedded/retention.ts'
import type { Log } from './stream/stream.ts'

export interface EnginesOptions {
  config: Config
  clock: Clock
  logger: Logger
  /** New for every start: tells this node from others, and from what it was before. */
  node_id: string
  /** A tool beside running nodes of the shop. */
  beside?: boolean
  /** Makes indexes in MongoDB that are missing, instead of refusing to start. */
  prepare?: boolean
}

export interface ProviderOptions {
  config: Pick<Config, 'production' | 'DATA_DIR' | 'PUBLIC_URL' | ProviderVariable>
  clock: Clock
  logger: Pick<Logger, 'warn'>
}

export interface MediaOptions {
  config: Pick<Config, 'DATA_DIR'> & Partial<Pick<Config, Extract<keyof Config, `CLOUDINARY_${string}`>>>
  clock: Clock
  logger: Pick<Logger, 'warn'>
}

type ProviderVariable = Extract<keyof Config, `STRIPE_${string}` | `TEST_PROVIDER_${string}`>

export interface Engines {
  storage: Storage
  log: Log
  /** Whether other nodes may work on the same storage. */
  nodes: Nodes
  /** Whether an event may stand in the log twice. */
  log_repeats: boolean
  /** Closes them in reverse. */
  close(): Promise<void>
}

/**
 * Opens the storage and the log that the configuration names; every storage goes with every log. Throws StartRefused
 * with a sentence when one of them cannot be used, ConfigurationError without a folder; what was opened by then is closed again.
 */
export async function openEngines(options: EnginesOptions): Promise<Engines> {
  const { config } = options
  const opened: (() => void | Promise<void>)[] = []
  const close = () => closeAll(opened)
  try {
    prepareFolder(config, opened)
    const storage = await openStorage(options)
    opened.push(() => storage.close())
    const log = await openLog(options, storage)
    opened.push(() => log.close())
    const nodes = config.MONGODB_URL === undefined ? 'one' : 'several'
    return { storage, log, nodes, log_repeats: (await log.outboxPosition()) === null, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Who charges cards: Stripe where there is a key, else outside production the test provider, by default inside the shop; else nobody. */
export async function openProvider({
  config,
  clock,
  logger,
}: ProviderOptions): Promise<PaymentProvider | undefined> {
  if (config.STRIPE_SECRET_KEY !== undefined) {
    const { createStripeProvider } = await import('./payments/stripe/stripe-provider.ts')
    return createStripeProvider({ ...stripeAccess(config), clock, logger })
  }
  if (config.production) return undefined
  const { TEST_PROVIDER_URL: url, TEST_PROVIDER_SECRET: secret } = config
  if (url !== undefined && secret !== undefined) {
    const { reachTestProvider } = await import('./payments/test-provider/remote-provider.ts')
    return reachTestProvider({ url, secret, clock })
  }
  const { createTestProvider } = await import('./payments/test-provider/test-provider.ts')
  return createTestProvider({
    path: join(config.DATA_DIR, 'test-provider.db'),
    clock,
    secret: secret ?? randomBytes(32).toString('hex'),
    urlOf: (action) => `${config.PUBLIC_URL ?? ''}/payments/test/actions/${action}`,
  })
}

/** Who mails are from, also where nobody has said it. */
export function mailSender({ MAIL_FROM }: Pick<Config, 'MAIL_FROM'>): Mailbox {
  return MAIL_FROM ?? { name: 'Tradewind', address: 'shop@localhost' }
}

/** Who carries mails: the server that SMTP_URL names, else a folder. */
export async function openMailer(
  config: Pick<Config, 'SMTP_URL' | 'MAIL_FROM' | 'DATA_DIR'>,
): Promise<Mailer> {
  const from = mailSender(config)
  if (config.SMTP_URL !== undefined) {
    const { createSmtpMailer } = await import('./mail/smtp/smtp-mailer.ts')
    return createSmtpMailer({ url: config.SMTP_URL, from })
  }
  const { createFolderMailer } = await import('./mail/folder/folder-mailer.ts')
  return createFolderMailer({ folder: join(config.DATA_DIR, 'mail'), from })
}

/** How the configuration reaches the account at Stripe. */
function stripeAccess(config: ProviderOptions['config']) {
  const secrets = [config.STRIPE_WEBHOOK_SECRET, config.STRIPE_PREVIOUS_WEBHOOK_SECRET]
  return {
    secret_key: config.STRIPE_SECRET_KEY!,
    webhook_secrets: secrets.filter((secret) => secret !== undefined),
    return_url: config.STRIPE_RETURN_URL,
    api_url: config.STRIPE_API_URL,
  }
}

/**
 * Who reads images, and who keeps them: Cloudinary where there is an account, else a folder below DATA_DIR. Files that lie in the folder
 * are served from there in either case.
 */
export async function openMedia({ config, clock, logger }: MediaOptions): Promise<Media> {
  const { DATA_DIR, CLOUDINARY_CLOUD_NAME: cloud_name, CLOUDINARY_API_KEY: api_key } = config
  const { CLOUDINARY_API_SECRET: api_secret, CLOUDINARY_API_URL: api_url } = config
  const disk = createDiskStore({ folder: resolve(DATA_DIR, 'media'), logger })
  const pictures = createPictures({ slots: Math.max(1, availableParallelism() - 1) })
  const stores: MediaStore[] = [disk]
  if (cloud_name !== undefined && api_key !== undefined && api_secret !== undefined) {
    const { createCloudinaryStore } = await import('./media/cloudinary/cloudinary-store.ts')
    stores.unshift(createCloudinaryStore({ cloud_name, api_key, api_secret, api_url, clock, logger }))
  }
  return {
    pictures,
    current: stores[0]!,
    named: (name) => stores.find((store) => store.name === name),
    files: disk,
  }
}

/** Closes in reverse; one that fails keeps none of those behind it from closing. */
export async function closeAll(opened: (() => void | Promise<void>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const close of opened.splice(0).reverse())
    await Promise.try(close).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

/** What the system says of a path that is a file, lies in one, or is not the server's to write to. */
const NO_FOLDER = new Set(['EEXIST', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS'])

/** What lies in the folder is one server's; with both engines elsewhere only the generated secret is there. */
function prepareFolder({ DATA_DIR, ...config }: Config, opened: (() => void)[]): void {
  try {
    mkdirSync(DATA_DIR, { recursive: true, mode: 0o700 })
    if (config.MONGODB_URL !== undefined && config.KAFKA_BOOTSTRAP_SERVERS !== undefined) return
    const lock = lockDataDirectory(DATA_DIR)
    opened.push(() => lock.release())
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!NO_FOLDER.has(code)) throw error
    throw new ConfigurationError([
      `DATA_DIR is ${JSON.stringify(DATA_DIR)}, but must be a folder that the server may write to (${code})`,
    ])
  }
}

// Who starts on the embedded engines should not wait for the drivers of the others, nor have them in memory.
async function openStorage({ config, ...rest }: EnginesOptions): Promise<Storage> {
  const { MONGODB_URL: url, DATA_DIR: directory } = config
  if (url === undefined) return openSqliteStorage({ ...rest, directory, collections })
  const { openMongoStorage } = await import('./storage/mongo/mongo-storage.ts')
  return openMongoStorage({ ...rest, url, collections })
}

async function openLog({ config, ...rest }: EnginesOptions, { outbox }: Storage): Promise<Log> {
  const { KAFKA_BOOTSTRAP_SERVERS: brokers, DATA_DIR: directory } = config
  if (brokers === undefined)
    return openEmbeddedLog({ ...rest, directory, outbox, retention: embeddedRetention(config) })
  const { openKafkaLog } = await import('./stream/kafka/kafka-log.ts')
  return openKafkaLog({ ...kafkaAccess({ ...config, KAFKA_BOOTSTRAP_SERVERS: brokers }), ...rest, outbox })
}

/** The embedded log holds what its index names: where that is kept longer than usual, the clickstream is, too. */
function embeddedRetention({ EVENTS_COLLECTION, EVENTS_RETENTION }: Config): Partial<Retention> {
  const { clickstream_ms } = DEFAULT_RETENTION
  return EVENTS_COLLECTION ? { clickstream_ms: Math.max(clickstream_ms, EVENTS_RETENTION * 1_000) } : {}
}

/** How the configuration reaches the cluster. */
export function kafkaAccess(config: Config & { KAFKA_BOOTSTRAP_SERVERS: string[] }) {
  return {
    brokers: config.KAFKA_BOOTSTRAP_SERVERS,
    api_key: config.KAFKA_API_KEY,
    api_secret: config.KAFKA_API_SECRET,
    ca_file: config.KAFKA_CA_FILE,
    topic_prefix: config.KAFKA_TOPIC_PREFIX,
  }
}

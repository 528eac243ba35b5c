import manifest from '../package.json' with { type: 'json' }
import type { Config } from './config.ts'
import { closeAll, mailSender, openEngines, openMailer, openMedia, openProvider } from './engines.ts'
import { IDEMPOTENCY_KEYS } from './http/idempotency-store.ts'
import type { Overload } from './http/overload.ts'
import { createServer, type Server } from './http/server.ts'
import { QUOTA_WINDOWS } from './http/stored-quota.ts'
import type { Clock } from './kernel/clock.ts'
import { newId } from './kernel/ids.ts'
import type { Logger } from './kernel/logger.ts'
import { StartRefused } from './kernel/start-refused.ts'
import { generatedSecret } from './secrets.ts'
import { EVENT_TYPES } from './shop/events.ts'
import { createShop } from './shop.ts'
import type { Storage } from './storage/storage.ts'
import { asyncApi } from './stream/asyncapi.ts'
import { type Consumers, startConsumers } from './stream/consumers.ts'
import { heldEvents } from './stream/held-events.ts'
import { type Relay, startRelay } from './stream/relay.ts'
import type { Log } from './stream/stream.ts'
import { checkStream, createFreshness, streamGauges } from './stream-health.ts'

export interface ApplicationOptions {
  config: Config
  clock: Clock
  logger: Logger
  /** Makes what the engines lack, as `bootstrap.sh` does, instead of refusing to start without it. */
  prepare?: boolean
  /** For tests; else the server watches its own load. */
  overload?: Overload
}

export interface Application {
  url: string
  storage: Storage
  log: Log
  relay: Relay
  consumers: Consumers
  server: Server
  /** Not ready at once, serves on for the configured delay, then closes everything in reverse. */
  stop(): Promise<void>
}

/**
 * Assembles the product: storage, log, shop, relay and consumers, server. Throws StartRefused with a sentence when the
 * folder is taken or a file cannot be used; whatever was opened by then is closed again.
 */
export async function startApplication({
  config,
  clock,
  logger,
  overload,
  prepare,
}: ApplicationOptions): Promise<Application> {
  const opened: (() => void | Promise<void>)[] = []
  try {
    const node_id = newId('run', clock.now())
    const engines = await openEngines({ config, clock, logger, node_id, prepare })
    const { storage, log, nodes, log_repeats } = engines
    opened.push(engines.close)

    const provider = await openProvider({ config, clock, logger })
    if (provider) opened.push(() => provider.close())

    const media = await openMedia({ config, clock, logger })
    const mailer = await openMailer(config)
    opened.push(() => mailer.close())
    if (config.production && config.SMTP_URL === undefined)
      logger.warn({ variable: 'SMTP_URL' }, 'No mail is sent: mails lie as files in DATA_DIR/mail')

    const keys = {
      current: config.JWT_SECRET_KEY ?? generatedSecret(config.DATA_DIR),
      previous: config.JWT_PREVIOUS_SECRET_KEY,
    }
    const shop = createShop({
      config,
      nodes,
      log_repeats,
      keys,
      storage,
      log,
      provider,
      media,
      mailer,
      mail_from: mailSender(config),
      clock,
      logger,
      start_id: node_id,
      parked: () => consumers.parked(),
      mending: {
        readOn: (subject) => consumers.readOn(subject),
        refused: () => held.subjects(),
        release: () => relay.release(),
      },
    })
    const held = heldEvents({ rollUps: storage.rollUps, log, clock, logger })
    const relay = startRelay({ outbox: storage.outbox, log, held, clock, logger })
    const freshness = createFreshness(clock)
    const consumers = await startConsumers({
      log,
      rollUps: storage.rollUps,
      reactions: shop.reactions,
      repeats: shop.repeats,
      onHandled: freshness.observe,
      clock,
      logger,
    })
    opened.push(async () => {
      await relay.stop()
      await consumers.stop()
    })

    opened.push(() => shop.stop())

    const server = await createServer({
      config,
      clock,
      logger,
      overload,
      version: manifest.version,
      shop,
      nodes,
      keys: storage.collection(IDEMPOTENCY_KEYS),
      quotas: storage.collection(QUOTA_WINDOWS),
      checks: {
        storage: () => storage.check(),
        stream: () => checkStream({ log, relay, consumers }),
        media: () => media.current.check(),
        ...shop.checks,
      },
      gauges: [...streamGauges({ relay, consumers }), ...shop.gauges],
      metrics: [freshness.metric],
      asyncApi: () => asyncApi({ version: manifest.version, events: EVENT_TYPES }),
    })
    opened.push(() => server.close())
    const url = await listen(server, config)
    provider?.inside?.deliverTo(`${url}/payments/webhooks/${provider.name}`)
    await shop.start()
    server.ready()
    return {
      url,
      storage,
      log,
      relay,
      consumers,
      server,
      async stop() {
        server.drain()
        await pause(config.shutdown_delay_seconds)
        await closeAll(opened)
      },
    }
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

async function listen(server: Server, { HOST, PORT }: Config): Promise<string> {
  try {
    return await server.listen()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new StartRefused(
        `Port ${PORT} is taken by another program. Stop it, or choose another port with PORT.`,
      )
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
      throw new StartRefused(`The server may not listen at ${HOST}:${PORT} (${code}). Change HOST or PORT.`)
    throw error
  }
}

async function pause(seconds: number): Promise<void> {
  if (seconds > 0) await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
}

import { pino } from 'pino'
import { startApplication } from './application.ts'
import { ConfigurationError, EXIT_CONFIGURATION, environmentWithFile, readConfig } from './config.ts'
import { systemClock } from './kernel/clock.ts'
import { StartRefused } from './kernel/start-refused.ts'
import { settleMemory } from './memory.ts'
import { movedClock } from './moved-clock.ts'

/** Longest time from the signal to the end of the process. */
const STOP_TIMEOUT_MS = 25_000

try {
  await serve()
} catch (error) {
  process.exitCode = error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1
  const expected = error instanceof ConfigurationError || error instanceof StartRefused
  console.error(expected ? error.message : error)
  // A start that failed ends by itself; a connection that it could not close does not keep the process.
  setTimeout(() => process.exit(), STOP_TIMEOUT_MS).unref()
}

async function serve(): Promise<void> {
  const config = readConfig(environmentWithFile())
  const logger = pino({ level: config.LOG_LEVEL })
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'an error that nobody caught: the process ends')
    process.exit(1)
  })
  const { CLOCK_OFFSET_FILE } = config
  const clock = CLOCK_OFFSET_FILE === undefined ? systemClock : movedClock(CLOCK_OFFSET_FILE)
  const application = await startApplication({ config, clock, logger })
  logger.info(
    { url: application.url, took_ms: Math.round(performance.now()) },
    `Tradewind serves ${application.url}`,
  )
  settleMemory()

  let stopping = false
  const stop = (signal: string) => {
    if (stopping) return
    stopping = true
    logger.info({ signal }, 'stopping')
    setTimeout(() => {
      logger.error({}, 'stopping took too long; what is unfinished goes on at the next start')
      process.exit(1)
    }, STOP_TIMEOUT_MS).unref()
    application.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

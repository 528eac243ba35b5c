import { pino } from 'pino'
import { startApplication } from '../src/application.ts'
import { ConfigurationError, EXIT_CONFIGURATION, environmentWithFile, readConfig } from '../src/config.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { StartRefused } from '../src/kernel/start-refused.ts'

/** The last step of `scripts/bootstrap.sh`: makes storage and first administrator, and asks the shop for its health. */
try {
  const config = {
    ...readConfig(environmentWithFile()),
    PORT: 0,
    HOST: '127.0.0.1',
    shutdown_delay_seconds: 0,
  }
  const logger = pino({ level: 'warn' }, pino.destination(2))
  const application = await startApplication({ config, clock: systemClock, logger, prepare: true })
  const answer = await fetch(`${application.url}/health`)
  const { checks = {} } = (await answer.json()) as {
    checks?: Record<string, { status: string; message?: string }>
  }
  for (const [name, { status, message }] of Object.entries(checks))
    console.log(`  ${name}: ${message ?? status}`)
  await application.stop()
  process.exitCode = answer.ok ? 0 : 1
} catch (error) {
  process.exitCode = error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1
  const expected = error instanceof ConfigurationError || error instanceof StartRefused
  console.error(expected ? error.message : error)
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Application, startApplication } from '../../src/application.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { NO_SHEDDING } from '../../src/http/overload.ts'
import { type Clock, systemClock } from '../../src/kernel/clock.ts'
import type { Logger } from '../../src/kernel/logger.ts'
import { createAnswerChecker } from './answers.ts'
import { type Client, createClient } from './http-client.ts'
import { forgetPair, pairEnvironment } from './pair.ts'
import { createPeople, type People } from './people.ts'

export { ADMIN, PASSWORD, type SignedInClient } from './people.ts'

export interface RunningShop extends People {
  application: Application
  url: string
  directory: string
  /** What was logged at `warn` and above. */
  warnings: { level: string; details: object; message: string }[]
  /** Brings nothing, and keeps a guest session once the shop names one. */
  asGuest(headers?: Record<string, string>): Client
  /** Every committed event is in the log and every consumer has handled it. */
  caughtUp(): Promise<void>
  stop(): Promise<void>
}

export interface StartOptions {
  /** Variables of the environment, as `{ RATE_LIMITS: 'on' }`. */
  environment?: Record<string, string>
  /** Laid over what the environment says. */
  config?: Partial<Config>
  clock?: Clock
  /** A folder that outlives the shop, for restarts; otherwise one is made and removed. */
  directory?: string
}

/** Starts the whole product on a folder of its own and a free port. Every answer is held to its document. */
export async function startShop(options: StartOptions = {}): Promise<RunningShop> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'tradewind-'))
  const defaults = {
    PORT: '0',
    DATA_DIR: directory,
    RATE_LIMITS: 'off',
    BCRYPT_COST: '4',
    LOG_LEVEL: 'silent',
  }
  const engines = await pairEnvironment(directory)
  const config = { ...readConfig({ ...defaults, ...engines, ...options.environment }), ...options.config }
  const warnings: RunningShop['warnings'] = []
  const logger = loggerInto(warnings)
  const { clock = systemClock } = options
  const application = await startApplication({ config, clock, logger, overload: NO_SHEDDING, prepare: true })
  const { url } = application
  const checker = createAnswerChecker(application.server.document() as never)

  const client = (headers: Record<string, string> = {}) =>
    createClient({ url, headers, onAnswer: checker.check })

  return {
    ...createPeople(client),
    application,
    url,
    directory,
    warnings,
    asGuest: client,
    async caughtUp() {
      for (;;) {
        const { waiting } = await application.relay.health()
        const { lag } = await application.consumers.health()
        if (waiting === 0 && Object.values(lag).every((events) => events === 0)) return
        await sleep(10)
      }
    },
    async stop() {
      await application.stop()
      if (options.directory) return
      await forgetPair(directory)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function loggerInto(lines: RunningShop['warnings']): Logger {
  const at = (level: string) => (details: object, message: string) =>
    void lines.push({ level, details, message })
  const nothing = () => {}
  return { debug: nothing, info: nothing, warn: at('warn'), error: at('error') }
}

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
import { type Body, type Client, createClient } from './http-client.ts'

export const ADMIN = { email: 'admin@ecommerce.com', password: 'admin123' }
export const PASSWORD = 'correct horse'

export interface SignedInClient extends Client {
  user: Body
  email: string
  access_token: string
  refresh_token: string
}

export interface RunningShop {
  application: Application
  url: string
  directory: string
  /** What was logged at `warn` and above. */
  warnings: { level: string; details: object; message: string }[]
  /** Brings nothing, and keeps a guest session once the shop names one. */
  asGuest(headers?: Record<string, string>): Client
  /** Brings this token and nothing else. */
  withToken(token: string): Client
  registerCustomer(fields?: { email?: string; password?: string; name?: string }): Promise<SignedInClient>
  login(email: string, password: string): Promise<SignedInClient>
  /** An administrator, made by the first super_admin. */
  asStaff(): Promise<SignedInClient>
  asSuper(): Promise<SignedInClient>
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
  const config = { ...readConfig({ ...defaults, ...options.environment }), ...options.config }
  const warnings: RunningShop['warnings'] = []
  const logger = loggerInto(warnings)
  const { clock = systemClock } = options
  const application = await startApplication({ config, clock, logger, overload: NO_SHEDDING })
  const { url } = application
  const checker = createAnswerChecker(application.server.document() as never)
  let people = 0

  const client = (headers: Record<string, string> = {}) =>
    createClient({ url, headers, onAnswer: checker.check })

  async function signedIn(path: string, credentials: object): Promise<SignedInClient> {
    const { status, body, text } = await client().post(path, credentials)
    if (status !== 200 && status !== 201) throw new Error(`${path} answered ${status}: ${text}`)
    const { user, access_token, refresh_token } = body
    const own = client({ authorization: `Bearer ${access_token}` })
    return { ...own, user, email: user.email, access_token, refresh_token }
  }

  const login = (email: string, password: string) => signedIn('/auth/login', { email, password })

  return {
    application,
    url,
    directory,
    warnings,
    asGuest: client,
    withToken: (token) => client({ authorization: `Bearer ${token}` }),
    login,
    registerCustomer(fields = {}) {
      people++
      const email = `customer-${people}@example.com`
      return signedIn('/auth/register', { email, password: PASSWORD, name: `Customer ${people}`, ...fields })
    },
    async asStaff() {
      const root = await login(ADMIN.email, ADMIN.password)
      people++
      const staff = { email: `staff-${people}@example.com`, password: PASSWORD, name: 'Staff', role: 'admin' }
      const { status, text } = await root.post('/users', staff)
      if (status !== 201) throw new Error(`POST /users answered ${status}: ${text}`)
      return login(staff.email, staff.password)
    },
    asSuper: () => login(ADMIN.email, ADMIN.password),
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
      if (!options.directory) rmSync(directory, { recursive: true, force: true })
    },
  }
}

function loggerInto(lines: RunningShop['warnings']): Logger {
  const at = (level: string) => (details: object, message: string) =>
    void lines.push({ level, details, message })
  const nothing = () => {}
  return { debug: nothing, info: nothing, warn: at('warn'), error: at('error') }
}

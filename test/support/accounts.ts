import type { TestContext } from 'node:test'
import { type Config, readConfig } from '../../src/config.ts'
import { IDEMPOTENCY_KEYS } from '../../src/http/idempotency-store.ts'
import { NO_SHEDDING } from '../../src/http/overload.ts'
import { createServer } from '../../src/http/server.ts'
import { QUOTA_WINDOWS } from '../../src/http/stored-quota.ts'
import type { GuestPrincipal, UserPrincipal } from '../../src/kernel/principal.ts'
import { createAuth } from '../../src/shop/auth/auth.ts'
import { createLinks } from '../../src/shop/auth/links.ts'
import { authRoutes } from '../../src/shop/auth/routes.ts'
import { LOGIN_ATTEMPTS, SESSIONS } from '../../src/shop/auth/schema.ts'
import { createMails } from '../../src/shop/mails/mails.ts'
import { MAIL_ALLOWANCES, MAILS } from '../../src/shop/mails/schema.ts'
import { userAdminRoutes } from '../../src/shop/users/admin-routes.ts'
import { SUPER_ADMINS, USERS } from '../../src/shop/users/schema.ts'
import { createUsers } from '../../src/shop/users/users.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { createAnswerChecker, type OpenApiDocument } from './answers.ts'
import { type Body, type Client, createClient } from './http-client.ts'
import { type TestMailer, testMailer } from './mailer.ts'
import { openTestStorage } from './storage.ts'

export const SECRET = 'the key of tests, not less than thirty-two bytes'
export const PASSWORD = 'a password of tests'
export const ADMIN = { email: 'super@tests.example', password: 'the password of super' }

/** A clock that a test turns. */
export interface TestClock {
  now(): number
  turn(ms: number): void
}

export function testClock(): TestClock {
  let ahead = 0
  return {
    now: () => Date.now() + ahead,
    turn(ms) {
      ahead += ms
    },
  }
}

export interface Accounts {
  url: string
  clock: TestClock
  storage: Storage
  users: ReturnType<typeof createUsers>
  auth: ReturnType<typeof createAuth>
  /** Brings no credentials. */
  anon: Client
  /** With these headers. */
  client(headers: Record<string, string>): Client
  /** Signed in with this access token. */
  as(access_token: string): Client
  /** As if from this address. */
  from(address: string): Client
  /** Makes a customer; resolves to the answer's body. */
  register(email: string, password?: string): Promise<Body>
  /** The first administrator, signed in. */
  superAdmin(): Promise<Client>
  /** What was mailed, after all that is due was. */
  mailed(): Promise<TestMailer['taken']>
  log: [string, object, string][]
  merged: [GuestPrincipal, UserPrincipal][]
}

interface Options {
  config?: Partial<Config>
  bcrypt_cost?: number
  strict_passwords?: boolean
  /** Of another server that shares it. */
  storage?: Storage
  keys?: { current: string; previous?: string }
}

/** Accounts alone behind the real server, on a temporary storage, with a clock that can be turned. */
export async function openAccounts(t: TestContext, options: Options = {}): Promise<Accounts> {
  const clock = testClock()
  const config = { ...readConfig({ PORT: '0', RATE_LIMITS: 'off', TRUST_PROXY: 'true' }), ...options.config }
  const collections = [
    ...[USERS, SUPER_ADMINS, SESSIONS, LOGIN_ATTEMPTS, MAILS, MAIL_ALLOWANCES],
    ...[IDEMPOTENCY_KEYS, QUOTA_WINDOWS],
  ]
  const storage = options.storage ?? (await openTestStorage(t, collections, clock)).storage
  const log: Accounts['log'] = []
  const at = (level: string) => (details: object, message: string) => void log.push([level, details, message])
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const users = createUsers({
    storage,
    clock,
    logger,
    bcrypt_cost: options.bcrypt_cost ?? 4,
    hash_slots: 1,
    strict_passwords: options.strict_passwords ?? false,
    first_administrator: ADMIN,
    known_password: { emails: [], password: '', refused: false },
  })
  const merged: Accounts['merged'] = []
  const keys = options.keys ?? { current: SECRET }
  const links = createLinks({ keys, users, clock })
  const mailer = testMailer()
  const mails = createMails({
    storage,
    mailer,
    from: { name: 'Shop', address: 'shop@tests.example' },
    users,
    orders: { find: async () => undefined },
    linkToken: links.token,
    base_url: 'https://shop.tests.example',
    order_mails: true,
    clock,
    logger,
  })
  const auth = createAuth({
    storage,
    users,
    mails,
    links,
    clock,
    logger,
    keys,
    access_ttl_seconds: 900,
    refresh_ttl_seconds: 30 * 86_400,
    rate_limits: true,
    mergeGuest: async (guest, user) => void merged.push([guest, user]),
  })
  await users.ensureFirstAdministrator()
  const server = await createServer({
    config,
    clock,
    logger,
    version: '0.0.0-test',
    nodes: 'one',
    keys: storage.collection(IDEMPOTENCY_KEYS),
    quotas: storage.collection(QUOTA_WINDOWS),
    checks: {},
    overload: NO_SHEDDING,
    shop: {
      routes: (app) => authRoutes(app, { auth }),
      staffRoutes: (app) => userAdminRoutes(app, { users }),
      authenticate: auth.authenticate,
    },
  })
  const url = await server.listen()
  server.ready()
  t.after(() => server.close())
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApiDocument
  const checker = createAnswerChecker(document)
  const client = (headers: Record<string, string>) => createClient({ url, headers, onAnswer: checker.check })
  const as = (token: string) => client({ authorization: `Bearer ${token}` })
  const anon = client({})
  return {
    url,
    clock,
    storage,
    users,
    auth,
    anon,
    client,
    as,
    from: (address) => client({ 'x-forwarded-for': address }),
    async register(email, password = PASSWORD) {
      const { status, body, text } = await anon.post('/auth/register', { email, password, name: 'Somebody' })
      if (status !== 201) throw new Error(`registering ${email} answered ${status} ${text}`)
      return body
    },
    superAdmin: async () => as((await anon.post('/auth/login', ADMIN)).body.access_token),
    async mailed() {
      await mails.deliverDue()
      return mailer.taken
    },
    log,
    merged,
  }
}

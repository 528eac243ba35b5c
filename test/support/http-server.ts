import type { Config } from '../../src/config.ts'
import { readConfig } from '../../src/config.ts'
import type { App } from '../../src/http/app.ts'
import { NO_SHEDDING } from '../../src/http/overload.ts'
import { createServer, type Server, type ServerOptions } from '../../src/http/server.ts'
import { Refusal } from '../../src/kernel/errors.ts'
import type { Logger } from '../../src/kernel/logger.ts'
import type { UserPrincipal } from '../../src/kernel/principal.ts'
import { type Client, createClient } from './http-client.ts'

export interface Served {
  url: string
  server: Server
  /** Brings no credentials; `as` brings those of a role. */
  client: Client
  as(role: UserPrincipal['role']): Client
  /** Lines of the log: level, details, message. */
  log: [string, object, string][]
  close(): Promise<void>
}

export interface ServeOptions extends Partial<Omit<ServerOptions, 'config' | 'shop' | 'logger'>> {
  routes?(app: App): void
  staffRoutes?(app: App): void
  config?: Partial<Config>
}

const NOTHING_KEPT: ProxyHandler<object> = {
  get: (_, name) =>
    name === 'removeOlder' ? async () => 0 : () => Promise.reject(new Error('nothing is kept here')),
}
const NO_KEYS = new Proxy({}, NOTHING_KEPT) as ServerOptions['keys']
const NO_QUOTAS = new Proxy({}, NOTHING_KEPT) as ServerOptions['quotas']

/** The server with routes of a test instead of the shop's. The tokens are the names of the roles. */
export async function serve({ routes, staffRoutes, config, ...rest }: ServeOptions): Promise<Served> {
  const log: Served['log'] = []
  const at = (level: string) => (details: object, message: string) => void log.push([level, details, message])
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const server = await createServer({
    clock: { now: () => Date.now() },
    version: '0.0.0-test',
    nodes: 'one',
    keys: NO_KEYS,
    quotas: NO_QUOTAS,
    checks: {},
    overload: NO_SHEDDING,
    ...rest,
    logger,
    config: { ...readConfig({ PORT: '0', RATE_LIMITS: 'off', BCRYPT_COST: '4' }), ...config },
    shop: { routes: routes ?? (() => {}), staffRoutes: staffRoutes ?? (() => {}), authenticate },
  })
  const url = await server.listen()
  server.ready()
  return {
    url,
    server,
    client: createClient({ url }),
    as: (role) => createClient({ url, headers: { authorization: `Bearer ${role}` } }),
    log,
    close: server.close,
  }
}

async function authenticate(token: string): Promise<UserPrincipal> {
  if (token !== 'customer' && token !== 'admin' && token !== 'super_admin')
    throw new Refusal('unauthenticated', 'unauthenticated', 'This token is worth nothing.')
  return { kind: 'user', id: `usr_${token}`, role: token, session_id: `ses_${token}` }
}

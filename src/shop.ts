import type { Config } from './config.ts'
import type { App } from './http/app.ts'
import type { Clock } from './kernel/clock.ts'
import type { Logger } from './kernel/logger.ts'
import type { UserPrincipal } from './kernel/principal.ts'
import type { Storage } from './storage/storage.ts'
import type { Reaction } from './stream/reaction.ts'
import type { Log } from './stream/stream.ts'

export interface ShopOptions {
  config: Config
  storage: Storage
  log: Log
  clock: Clock
  logger: Logger
  /** New for every start: leases of earlier starts are void at once on an embedded storage. */
  start_id: string
}

/** The whole shop: what it answers, what it does when events arrive, what it does by itself. */
export interface Shop {
  /** Routes for shoppers; each names its access. */
  routes(app: App): void
  /** Routes under the guarded scope for staff. */
  staffRoutes(app: App): void
  /** Who a bearer token belongs to; `fresh` looks at the session and not only at the token. */
  authenticate(token: string, options: { fresh: boolean }): Promise<UserPrincipal>
  reactions: readonly Reaction[]
  /** First administrator and the bounded part of recovery; then background work goes on until `stop`. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Wires the shop by hand: this page is its map. */
export function createShop(options: ShopOptions): Shop {
  void options
  return {
    routes() {},
    staffRoutes() {},
    authenticate() {
      throw new Error('not wired yet')
    },
    reactions: [],
    async start() {},
    async stop() {},
  }
}

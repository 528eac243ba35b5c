import { availableParallelism } from 'node:os'
import { type Config, VARIABLES } from './config.ts'
import type { App } from './http/app.ts'
import { IDEMPOTENCY_KEYS } from './http/idempotency-store.ts'
import { createKeptAnswers } from './http/kept-answers.ts'
import type { GaugeDefinition } from './http/metrics.ts'
import type { Clock } from './kernel/clock.ts'
import type { Logger } from './kernel/logger.ts'
import type { Nodes } from './kernel/nodes.ts'
import { periodically } from './kernel/periodic.ts'
import type { UserPrincipal } from './kernel/principal.ts'
import type { PaymentProvider } from './payments/provider.ts'
import { createAddresses } from './shop/addresses/addresses.ts'
import { addressRoutes } from './shop/addresses/routes.ts'
import { analyticsAdminRoutes } from './shop/analytics/admin-routes.ts'
import { createAnalytics } from './shop/analytics/analytics.ts'
import { attentionAdminRoutes } from './shop/attention/admin-routes.ts'
import { createAttention } from './shop/attention/attention.ts'
import type { ParkedSubject } from './shop/attention/rules.ts'
import { createAuth } from './shop/auth/auth.ts'
import { authRoutes } from './shop/auth/routes.ts'
import type { TokenKeys } from './shop/auth/tokens.ts'
import { createCarts } from './shop/carts/carts.ts'
import { cartRoutes } from './shop/carts/routes.ts'
import { catalogAdminRoutes } from './shop/catalog/admin-routes.ts'
import { createCatalog } from './shop/catalog/catalog.ts'
import { catalogRoutes } from './shop/catalog/routes.ts'
import { createClickstream } from './shop/clickstream/clickstream.ts'
import { createKeptEvents } from './shop/clickstream/kept-events.ts'
import { clickstreamRepeats } from './shop/clickstream/repeats.ts'
import { clickstreamRoutes } from './shop/clickstream/routes.ts'
import { inventoryAdminRoutes } from './shop/inventory/admin-routes.ts'
import { createStockDesk } from './shop/inventory/desk.ts'
import { createInventory } from './shop/inventory/inventory.ts'
import { orderAdminRoutes } from './shop/orders/admin-routes.ts'
import { createOrders } from './shop/orders/orders.ts'
import { paymentRoutes, testActionRoutes } from './shop/orders/payment-routes.ts'
import { returnAdminRoutes, returnRoutes } from './shop/orders/return-routes.ts'
import { orderRoutes } from './shop/orders/routes.ts'
import { personAdminRoutes } from './shop/persons/admin-routes.ts'
import { answersAbout } from './shop/persons/answers.ts'
import { createPersons } from './shop/persons/persons.ts'
import { personRoutes } from './shop/persons/routes.ts'
import { createRecovery } from './shop/recovery.ts'
import { ROLL_UPS } from './shop/roll-ups.ts'
import { settingsAdminRoutes } from './shop/settings/admin-routes.ts'
import { createSettings } from './shop/settings/settings.ts'
import { userAdminRoutes } from './shop/users/admin-routes.ts'
import { createUsers } from './shop/users/users.ts'
import { webhookRoutes } from './shop/webhooks/routes.ts'
import { createWebhooks } from './shop/webhooks/webhooks.ts'
import type { Storage } from './storage/storage.ts'
import type { Reaction } from './stream/reaction.ts'
import type { Repeats } from './stream/repeats.ts'
import type { Log } from './stream/stream.ts'

const SWEEP_EVERY_MS = 60_000

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
  clock: Clock
  logger: Logger
  /** New for every start: where one node is all there is, leases of earlier starts are void at once. */
  start_id: string
  /** Subjects of the log that a consumer could not read on. */
  parked(): ParkedSubject[]
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
  /** Tells which events of visitors a log that may hold them twice holds twice. */
  repeats: Repeats
  gauges: readonly GaugeDefinition[]
  /** First administrator and the bounded part of recovery; then background work goes on until `stop`. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Wires the shop by hand: this page is its map. */
export function createShop(options: ShopOptions): Shop {
  const { config, nodes, log_repeats, keys, storage, log, provider, clock, logger, start_id } = options
  const { rollUps } = storage
  const currency = config.CURRENCY

  const inventory = createInventory({ storage, nodes, clock, logger })
  const catalog = createCatalog({ storage, inventory, nodes, clock, currency })
  const desk = createStockDesk({ inventory, skusOf: catalog.skusOf })
  const settings = createSettings({ storage, clock, currency })
  const carts = createCarts({ storage, catalog, inventory, settings, clock, currency })
  const addresses = createAddresses({ storage, clock })
  const orders = createOrders({
    storage,
    catalog,
    inventory,
    carts,
    addresses,
    settings,
    nodes,
    clock,
    logger,
    currency,
    start_id,
    provider,
    hold_ttl_seconds: config.ORDER_HOLD_TTL,
    rate_limits: config.RATE_LIMITS,
  })
  const users = createUsers({
    storage,
    clock,
    logger,
    bcrypt_cost: config.BCRYPT_COST,
    hash_slots: Math.max(1, availableParallelism() - 1),
    strict_passwords: config.production,
    first_administrator: {
      email: config.ADMIN_EMAIL,
      password: config.ADMIN_PASSWORD,
      is_default: config.ADMIN_PASSWORD === VARIABLES.ADMIN_PASSWORD.fallback,
    },
  })
  const auth = createAuth({
    storage,
    users,
    clock,
    logger,
    keys,
    access_ttl_seconds: config.ACCESS_TOKEN_TTL,
    refresh_ttl_seconds: config.REFRESH_TOKEN_TTL,
    rate_limits: config.RATE_LIMITS,
    mergeGuest: carts.mergeGuest,
  })
  const clickstream = createClickstream({ log, rollUps, clock })
  const repeats = clickstreamRepeats({ storage, clock })
  const keptEvents = createKeptEvents({ storage, clock, retention_seconds: config.EVENTS_RETENTION })
  const analytics = createAnalytics({ rollUps, orders, clock })
  const webhooks = createWebhooks({ storage, provider, orders, clock, logger })
  const attention = createAttention({ orders, webhooks, analytics, parked: options.parked })
  const keptAnswers = createKeptAnswers({ keys: storage.collection(IDEMPOTENCY_KEYS) })
  const persons = createPersons({
    ...{ users, orders: orders.persons, scrub: storage.scrub, clock, logger },
    // Whatever keeps something of people has a line here: what it knows is given to them, and forgotten with them.
    parts: {
      profile: { known: users.known },
      addresses,
      sessions: auth,
      cart: carts,
      orders: orders.persons,
      ...(log_repeats && { events: keptEvents }),
      visits: { forget: clickstream.forget },
      answers: answersAbout({ forget: keptAnswers.forget, orders: orders.persons }),
    },
  })
  const recovery = createRecovery({
    ...{ orders, catalog, carts, inventory, webhooks, persons, nodes, clock, logger },
  })
  const sweep = periodically(
    SWEEP_EVERY_MS,
    async () => {
      await auth.sweep()
      await carts.expire()
      await webhooks.sweep()
      if (log_repeats) await Promise.all([repeats.sweep(), keptEvents.sweep()])
    },
    (error) => logger.warn({ err: error }, 'the sweep of what is over failed; it comes again'),
  )

  return {
    routes(app) {
      authRoutes(app, { auth })
      addressRoutes(app, { addresses })
      personRoutes(app, { persons })
      catalogRoutes(app, { catalog })
      cartRoutes(app, { carts })
      orderRoutes(app, { orders })
      paymentRoutes(app, { orders })
      returnRoutes(app, { orders })
      webhookRoutes(app, { webhooks })
      if (provider?.inside) testActionRoutes(app, provider.inside)
      clickstreamRoutes(app, { clickstream })
    },
    staffRoutes(app) {
      userAdminRoutes(app, { users })
      personAdminRoutes(app, { persons })
      catalogAdminRoutes(app, { catalog })
      inventoryAdminRoutes(app, { desk })
      orderAdminRoutes(app, { orders })
      returnAdminRoutes(app, { orders })
      settingsAdminRoutes(app, { settings })
      analyticsAdminRoutes(app, { analytics })
      attentionAdminRoutes(app, { attention })
    },
    authenticate: auth.authenticate,
    reactions: [
      ...ROLL_UPS,
      ...inventory.reactions,
      ...(log_repeats && config.EVENTS_COLLECTION ? [keptEvents.reaction] : []),
    ],
    repeats,
    gauges: [
      {
        name: 'tradewind_webhooks_refused',
        help: 'Deliveries to the webhook that were not signed by the payment provider, since the start',
        read: webhooks.refused,
      },
    ],
    async start() {
      await users.ensureFirstAdministrator()
      webhooks.start()
      await recovery.start()
    },
    async stop() {
      await webhooks.stop()
      await Promise.all([sweep.stop(), recovery.stop()])
    },
  }
}

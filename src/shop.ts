import { availableParallelism } from 'node:os'
import { DEFAULT_ADMINISTRATOR } from './config-rules.ts'
import type { App } from './http/app.ts'
import { IDEMPOTENCY_KEYS } from './http/idempotency-store.ts'
import { createKeptAnswers } from './http/kept-answers.ts'
import type { GaugeDefinition } from './http/metrics.ts'
import { allDone } from './kernel/all-done.ts'
import { periodically } from './kernel/periodic.ts'
import type { UserPrincipal } from './kernel/principal.ts'
import { routesOf } from './routes.ts'
import { createAddresses } from './shop/addresses/addresses.ts'
import { createAnalytics } from './shop/analytics/analytics.ts'
import { createAttention } from './shop/attention/attention.ts'
import { createAudit } from './shop/audit/audit.ts'
import { createAuth } from './shop/auth/auth.ts'
import { createLinks } from './shop/auth/links.ts'
import { createCarts } from './shop/carts/carts.ts'
import { createCatalog } from './shop/catalog/catalog.ts'
import { createClickstream } from './shop/clickstream/clickstream.ts'
import { createEventPlaces } from './shop/clickstream/event-places.ts'
import { createKeptEvents } from './shop/clickstream/kept-events.ts'
import { truncatedIp } from './shop/clickstream/privacy-rules.ts'
import { clickstreamRepeats } from './shop/clickstream/repeats.ts'
import { createDeadLetters } from './shop/dead-letters/dead-letters.ts'
import { createStockDesk } from './shop/inventory/desk.ts'
import { createInventory } from './shop/inventory/inventory.ts'
import { createLowStock } from './shop/inventory/low-stock.ts'
import { createJobs } from './shop/jobs/jobs.ts'
import { createMails } from './shop/mails/mails.ts'
import { createOrderExporting } from './shop/orders/exporting.ts'
import { createOrderImporting } from './shop/orders/importing.ts'
import { createOrders } from './shop/orders/orders.ts'
import { answersAbout } from './shop/persons/answers.ts'
import { createPersons } from './shop/persons/persons.ts'
import { createRecovery } from './shop/recovery.ts'
import { createReviews } from './shop/reviews/reviews.ts'
import { rollUpsOf } from './shop/roll-ups.ts'
import { createSettings } from './shop/settings/settings.ts'
import { createTimeline } from './shop/timeline/timeline.ts'
import { createGone } from './shop/users/gone.ts'
import { createUsers } from './shop/users/users.ts'
import { createWebhooks } from './shop/webhooks/webhooks.ts'
import { createWishlist } from './shop/wishlist/wishlist.ts'
import type { ShopOptions } from './shop-options.ts'
import { PRODUCT_STATS } from './storage/listing.ts'
import { withOrigins } from './storage/origins.ts'
import type { Reaction } from './stream/reaction.ts'
import type { Repeats } from './stream/repeats.ts'

const SWEEP_EVERY_MS = 60_000

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
  /** What the health asks beside storage and stream; each rejects with what is wrong. */
  checks: Record<string, () => Promise<void>>
  /** First administrator and the bounded part of recovery; then background work goes on until `stop`. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Wires the shop by hand: this page is its map. */
export function createShop(options: ShopOptions): Shop {
  const { config, nodes, log_repeats, keys, log, provider, media, mailer, clock, logger, start_id } = options
  const storage = withOrigins(options.storage, truncatedIp)
  const { rollUps } = storage
  const currency = config.CURRENCY

  const inventory = createInventory({ storage, nodes, clock, logger })
  const catalog = createCatalog({ storage, inventory, nodes, media, clock, logger, currency })
  const desk = createStockDesk({ inventory, skusOf: catalog.skusOf })
  const settings = createSettings({ storage, clock, currency })
  const lowStock = createLowStock({ storage, inventory, titles: catalog.titles })
  const carts = createCarts({ storage, catalog, inventory, settings, clock, currency })
  const addresses = createAddresses({ storage, clock })
  const orders = createOrders({
    ...{ storage, catalog, inventory, carts, addresses, settings, provider },
    ...{ nodes, clock, logger, currency, start_id },
    hold_ttl_seconds: config.ORDER_HOLD_TTL,
    rate_limits: config.RATE_LIMITS,
    ...(config.VERIFIED_EMAIL_FOR_ORDERS && { assertMayOrder: (id) => users.assertEmailVerified(id) }),
  })
  const users = createUsers({
    storage,
    clock,
    logger,
    bcrypt_cost: config.BCRYPT_COST,
    hash_slots: Math.max(1, availableParallelism() - 1),
    strict_passwords: config.production,
    first_administrator: { email: config.ADMIN_EMAIL, password: config.ADMIN_PASSWORD },
    known_password: {
      emails: [config.ADMIN_EMAIL, DEFAULT_ADMINISTRATOR.email],
      password: DEFAULT_ADMINISTRATOR.password,
      refused: config.production,
    },
  })
  const gone = createGone({ storage })
  const links = createLinks({ keys, users, clock })
  const mails = createMails({
    storage,
    mailer,
    from: options.mail_from,
    users,
    orders,
    linkToken: links.token,
    base_url: config.PUBLIC_URL ?? `http://localhost:${config.PORT}`,
    order_mails: config.ORDER_MAILS,
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
    access_ttl_seconds: config.ACCESS_TOKEN_TTL,
    refresh_ttl_seconds: config.REFRESH_TOKEN_TTL,
    rate_limits: config.RATE_LIMITS,
    mergeGuest: carts.mergeGuest,
  })
  const reviews = createReviews({ storage, catalog, orders, users, clock })
  const wishlist = createWishlist({ storage, catalog, carts, clock, logger })
  const jobs = createJobs({
    ...{ storage, nodes, clock, logger, start_id },
    imports: {
      products_import: catalog.importing,
      orders_import: createOrderImporting({ storage, catalog, users, clock }),
    },
    exports: { products_export: catalog.exporting, orders_export: createOrderExporting({ storage }) },
  })
  const clickstream = createClickstream({ log, rollUps, clock })
  const repeats = clickstreamRepeats({ storage, clock })
  const keeping = { storage, gone, clock, retention_seconds: config.EVENTS_RETENTION }
  const keptEvents = log_repeats ? createKeptEvents(keeping) : undefined
  const visits = keptEvents ?? createEventPlaces({ ...keeping, log })
  const timeline = createTimeline({
    ...{ storage, gone },
    visits: config.EVENTS_COLLECTION ? visits : undefined,
    usersOf: clickstream.usersOf,
  })
  const audit = createAudit({ storage, users, clock })
  const { parked, mending } = options
  const deadLetters = createDeadLetters({ storage, log, clickstream, mending, parked, gone, clock })
  const analytics = createAnalytics({ rollUps, orders, clock })
  const webhooks = createWebhooks({ storage, provider, orders, clock, logger })
  const attention = createAttention({ orders, webhooks, mails, analytics, erasures: users.erasing, parked })
  const keptAnswers = createKeptAnswers({ keys: storage.collection(IDEMPOTENCY_KEYS) })
  const persons = createPersons({
    ...{ users, orders: orders.persons, signOut: auth.forget, scrub: storage.scrub, clock, logger },
    // Whatever keeps something of people has a line here: what it knows is given to them, and forgotten with them.
    parts: {
      profile: { known: users.known },
      ...{ addresses, wishlist, reviews, mails },
      sessions: auth,
      cart: carts,
      orders: orders.persons,
      imports: { forget: jobs.forget },
      events: visits,
      history: timeline,
      visits: { forget: clickstream.forget },
      answers: answersAbout({ forget: keptAnswers.forget, orders: orders.persons }),
    },
  })
  const recovery = createRecovery({
    ...{ orders, catalog, carts, inventory, reviews, wishlist, webhooks },
    ...{ nodes, clock, logger },
  })
  const sweep = periodically(
    SWEEP_EVERY_MS,
    () =>
      allDone([
        ...[auth.sweep(), carts.expire(), webhooks.sweep(), catalog.sweep(), jobs.sweep(), mails.sweep()],
        ...[visits.sweep(), deadLetters.sweep(), ...(log_repeats ? [repeats.sweep()] : [])],
      ]),
    (error) => logger.warn({ err: error }, 'the sweep of what is over failed; it comes again'),
  )

  return {
    ...routesOf({
      ...{ addresses, analytics, attention, audit, auth, carts, catalog, clickstream, desk },
      ...{ deadLetters, jobs, lowStock, media, orders, persons, reviews, settings, timeline },
      ...{ users, webhooks, wishlist, test_actions: provider?.inside },
    }),
    authenticate: auth.authenticate,
    reactions: [
      ...rollUpsOf({ gone, written: { [PRODUCT_STATS]: catalog.statsWritten } }),
      ...inventory.reactions,
      lowStock.reaction,
      audit.reaction,
      deadLetters.reaction,
      timeline.reaction,
      mails.reaction,
      ...(config.EVENTS_COLLECTION ? [visits.reaction] : []),
    ],
    repeats,
    gauges: [
      {
        name: 'tradewind_webhooks_refused',
        help: 'Deliveries to the webhook that were not signed by the payment provider, since the start',
        read: webhooks.refused,
      },
      { name: 'tradewind_mails_waiting', help: 'Mails that nobody has taken yet', read: mails.waiting },
    ],
    checks: { mail: mails.check },
    async start() {
      await users.ensureFirstAdministrator()
      // Before anything is set going that a refused start would have to stop again.
      await users.knownPassword.start()
      webhooks.start()
      mails.start()
      await recovery.start()
      persons.start()
      jobs.start()
    },
    async stop() {
      await Promise.all([
        ...[webhooks.stop(), jobs.stop(), mails.stop(), persons.stop()],
        users.knownPassword.stop(),
      ])
      await Promise.all([sweep.stop(), recovery.stop()])
    },
  }
}

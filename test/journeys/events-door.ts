import type { TestContext } from 'node:test'
import { NO_SHEDDING } from '../../src/http/overload.ts'
import { analyticsAdminRoutes } from '../../src/shop/analytics/admin-routes.ts'
import { createAnalytics } from '../../src/shop/analytics/analytics.ts'
import { statsReaction } from '../../src/shop/analytics/reactions.ts'
import { createClickstream } from '../../src/shop/clickstream/clickstream.ts'
import { visitorsReaction } from '../../src/shop/clickstream/reactions.ts'
import { clickstreamRoutes } from '../../src/shop/clickstream/routes.ts'
import { startConsumers } from '../../src/stream/consumers.ts'
import { type ServeOptions, serve } from '../support/http-server.ts'
import { everything, openTestLog, SILENT } from '../support/log.ts'
import { openTestStorage } from '../support/storage.ts'

/** The doors for events and figures behind the real server, with the log and the consumers between them. */
export async function openEvents(t: TestContext, options: Pick<ServeOptions, 'config' | 'clock'> = {}) {
  const clock = options.clock ?? { now: () => Date.now() }
  const { storage } = await openTestStorage(t, [], clock)
  const { log } = await openTestLog(t, { clock })
  const clickstream = createClickstream({ log, rollUps: storage.rollUps, clock })
  const orders = { list: async () => ({ items: [], next: null }) }
  const analytics = createAnalytics({ rollUps: storage.rollUps, orders, clock })
  const reactions = [statsReaction, visitorsReaction]
  const consumers = await startConsumers({ log, rollUps: storage.rollUps, reactions, clock, logger: SILENT })
  const served = await serve({
    ...options,
    clock,
    overload: NO_SHEDDING,
    routes: (app) => clickstreamRoutes(app, { clickstream }),
    staffRoutes: (app) => analyticsAdminRoutes(app, { analytics }),
  })
  t.after(async () => {
    await served.close()
    await consumers.stop()
  })
  return {
    ...served,
    log,
    clickstream,
    consumers,
    rollUps: storage.rollUps,
    kept: async () => (await everything(log, ['ecommerce-clickstream'])).map(({ event }) => event),
    letters: async () => (await everything(log, ['ecommerce-dead-letters'])).map(({ event }) => event),
  }
}

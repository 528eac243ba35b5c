import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { pick, randomKey, settle, type World } from './world.ts'

const BATCH = 20

/** A visitor whose clickstream is sent in batches, again when it was not answered. */
export async function visitor(world: World): Promise<void> {
  const anonymous_id = `anon-${randomKey()}`
  while (!world.stopping()) {
    const events = Array.from({ length: BATCH }, () => ({
      type: 'view_product',
      event_id: randomUUID(),
      timestamp: new Date().toISOString(),
      anonymous_id,
      product_id: pick(world, world.products).id,
    }))
    const what = {
      kind: 'events' as const,
      principal: anonymous_id,
      key: randomKey(),
      request: events.map(({ event_id }) => event_id),
    }
    await settle(world, what, { method: 'POST', path: '/events', body: { events } }, { giveUp: 0.2 })
    await delay(world.visitor_pause_ms)
  }
}

import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ALL_COLLECTIONS } from '../../src/collections.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/sqlite-storage.ts'
import { openEmbeddedLog } from '../../src/stream/embedded/embedded-log.ts'
import { settled, startShop, temporaryFolder } from './process.ts'

const CACHE = resolve(import.meta.dirname, '../../.runtime/bench')
const PROGRESS_EVENTS = 2_000_000
const BATCH = 500
const AT_ONCE = 8
const VISITORS = 5_000

/** A copy of `keptLog`, for a benchmark that adds to it. */
export async function logWithEvents(count: number): Promise<string> {
  const directory = temporaryFolder()
  cpSync(await keptLog(count), directory, { recursive: true })
  return directory
}

/**
 * A folder whose log holds so many clickstream events, each remembered by its client's id and counted by every
 * consumer; made once and kept below `.runtime/bench`.
 */
export async function keptLog(count: number): Promise<string> {
  const kept = join(CACHE, `events-${count}`)
  if (!existsSync(kept)) await make(count, kept)
  return kept
}

async function make(count: number, kept: string): Promise<void> {
  const directory = `${kept}.unfinished`
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const clock = systemClock
  const storage = await openSqliteStorage({
    directory,
    collections: ALL_COLLECTIONS,
    clock,
  })
  const log = await openEmbeddedLog({ directory, clock, outbox: storage.outbox })
  for (let made = 0; made < count; made += BATCH * AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, worker) => log.appendClickstream(batch(made + worker * BATCH))),
    )
    if (made % PROGRESS_EVENTS === 0 && made > 0) console.error(`  seeding the log: ${made} of ${count}`)
  }
  await log.close()
  await storage.close()
  const shop = await startShop({ directory })
  await settled(shop)
  await shop.stop()
  renameSync(directory, kept)
}

function batch(number: number) {
  const visitor = `visitor-${Math.floor(number / BATCH) % VISITORS}`
  return Array.from({ length: BATCH }, () => {
    const now = Date.now()
    const event_id = randomUUID()
    const event = {
      specversion: '1.0',
      id: newId('evt', now),
      source: '/tradewind',
      type: 'view_product',
      subject: `visitors/${visitor}`,
      time: new Date(now).toISOString(),
      dataschema: '/tradewind/schemas/view_product.json',
      sequence: 0,
      partitionkey: visitor,
      actor: visitor,
      data: { anonymous_id: visitor, event_id, product_id: 'prd_01h455vb4pex5vsknk084sn02q' },
    }
    return { key: visitor, dedup: { id: event_id, at_ms: now }, json: JSON.stringify(event) }
  })
}

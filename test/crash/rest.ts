import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'

/** I28: after the faults stop, everything comes to rest within this time. */
const REST_MS = 60_000
const POLL_MS = 200

/** Waits until no order is under way and the outbox is empty; what is not by then is a violation. */
export async function waitForRest(directory: string): Promise<string[]> {
  const until = Date.now() + REST_MS
  for (;;) {
    const open = unrest(directory)
    if (open.length === 0) return []
    if (Date.now() > until) return open.map((what) => `I28: ${what} after ${REST_MS / 1_000} s`)
    await delay(POLL_MS)
  }
}

function unrest(directory: string): string[] {
  const db = new DatabaseSync(join(directory, 'shop.db'), { readOnly: true })
  try {
    const count = (sql: string) => (db.prepare(sql).get() as { n: number }).n
    const orders = count(
      `SELECT count(*) AS n FROM orders WHERE body ->> '$.step' NOT IN ('COMMITTED', 'CANCELLED', 'REVERSED')`,
    )
    const merging = count(`SELECT count(*) AS n FROM carts WHERE body ->> '$.merging_into' IS NOT NULL`)
    const pending = count(
      `SELECT count(*) AS n FROM products WHERE json_array_length(body, '$.pending_stock') > 0`,
    )
    const outbox = count('SELECT count(*) AS n FROM outbox')
    const open: [string, number][] = [
      ['orders under way', orders],
      ['carts half merged', merging],
      ['products with pending stock', pending],
      ['events in the outbox', outbox],
    ]
    return open.filter(([, n]) => n > 0).map(([what, n]) => `${n} ${what}`)
  } finally {
    db.close()
  }
}

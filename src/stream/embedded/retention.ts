import type { Clock } from '../../kernel/clock.ts'
import { PARTITIONS } from '../../kernel/event.ts'
import { periodically } from '../../kernel/periodic.ts'
import { placeOf } from './places.ts'
import type { Write, WriteResult } from './writes.ts'

const DAY_MS = 86_400_000
const INTERVAL_MS = 10 * 60_000

/** How long the log keeps what is not kept for ever, and client ids. */
export interface Retention {
  clickstream_ms: number
  dead_letters_ms: number
  client_ids_ms: number
}

export const DEFAULT_RETENTION: Retention = {
  clickstream_ms: 30 * DAY_MS,
  dead_letters_ms: 30 * DAY_MS,
  client_ids_ms: 7 * DAY_MS,
}

interface Options extends Retention {
  clock: Clock
  write(write: Write): Promise<WriteResult>
}

/** Trims in small steps, so that appends pass between them. */
export function startRetention({ clock, write, clickstream_ms, dead_letters_ms, client_ids_ms }: Options) {
  const run = async () => {
    const now = clock.now()
    const places = Array.from({ length: PARTITIONS }, (_, partition) => [
      { place: placeOf('ecommerce-clickstream', partition), before: now - clickstream_ms },
      { place: placeOf('ecommerce-dead-letters', partition), before: now - dead_letters_ms },
    ]).flat()
    let more = true
    while (more && !stopped) {
      more = false
      for (const place of places) {
        if (stopped) return
        const result = await write({ kind: 'trim', places: [place], seen_before: now - client_ids_ms })
        more ||= result.more
      }
    }
  }
  let stopped = false
  // A failed run (a full disk) is repeated at the next one; appends tell the operator.
  const periodic = periodically(INTERVAL_MS, run, () => {})
  return {
    run,
    stop() {
      stopped = true
      return periodic.stop()
    },
  }
}

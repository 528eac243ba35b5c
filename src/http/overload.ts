import { Refusal } from '../kernel/errors.ts'
import type { Bucket } from './app.ts'
import { measurePressure } from './pressure.ts'

const SAMPLE_MS = 500

const MAX_RETRY_AFTER_SECONDS = 5

/**
 * The pressure (1 = a threshold is reached) from which a bucket is turned away: what the shop can do without
 * goes first, sign-in and checkout late, health never.
 */
export const SHED_AT: Record<Bucket, number> = {
  exports: 0.9,
  events: 1,
  search: 1.15,
  reviews: 1.25,
  browse: 1.5,
  media: 1.5,
  write: 1.75,
  admin: 1.75,
  refresh: 2,
  login: 2,
  register: 2,
  orders: 3,
  none: Number.POSITIVE_INFINITY,
}

export interface Overload {
  /** 1 where the first threshold is reached. */
  pressure(): number
  /** Throws `unavailable` when this bucket is to be turned away now. */
  admit(bucket: Bucket): void
  stop(): void
}

/** Turns nobody away: for tests, which share their machine with others. */
export const NO_SHEDDING: Overload = { pressure: () => 0, admit: () => {}, stop: () => {} }

/** Watches the event loop and the memory, and turns requests away cheaply before the process drowns. */
export function createOverload(measure: () => number = measurePressure()): Overload {
  let pressure = 0
  let last = 0
  // Pressure that lasts: one long turn of the loop, as at the start of the process, turns nobody away.
  const timer = setInterval(() => {
    const now = measure()
    pressure = Math.min(last, now)
    last = now
  }, SAMPLE_MS)
  timer.unref()
  return {
    pressure: () => pressure,
    admit(bucket) {
      if (pressure < SHED_AT[bucket]) return
      throw new Refusal('unavailable', 'overloaded', 'The shop is overloaded; try again a little later.', {
        // Spread, so that those who were turned away do not come back all at once.
        retry_after_seconds: 1 + Math.floor(Math.random() * MAX_RETRY_AFTER_SECONDS),
      })
    },
    stop: () => clearInterval(timer),
  }
}

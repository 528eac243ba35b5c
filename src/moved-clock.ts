import { readFileSync } from 'node:fs'
import { type Clock, systemClock } from './kernel/clock.ts'

/** A change of the file is seen this late at most. */
const LOOK_EVERY_MS = 1_000
/** Ten years: what is further off is taken for a mistake of whoever wrote the file. */
const FURTHEST_MS = 10 * 365 * 86_400_000
const NUMBER = /^[+-]?\d{1,15}$/

/**
 * The clock, moved by the milliseconds that stand in a file, so that tests can make it jump under a running process. A file
 * that is absent, or holds no number, leaves the clock as it was last; at first that is the system's.
 */
export function movedClock(path: string): Clock {
  let offset_ms = offsetIn(path) ?? 0
  setInterval(() => {
    offset_ms = offsetIn(path) ?? offset_ms
  }, LOOK_EVERY_MS).unref()
  return { now: () => systemClock.now() + offset_ms }
}

function offsetIn(path: string): number | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
  const offset_ms = NUMBER.test(text) ? Number(text) : Number.NaN
  return Math.abs(offset_ms) <= FURTHEST_MS ? offset_ms : undefined
}

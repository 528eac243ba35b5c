/** Milliseconds since the epoch. Passed in wherever time matters, so that tests can turn it. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** RFC 3339 in UTC with milliseconds, the only form of a time outside the process. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString()
}

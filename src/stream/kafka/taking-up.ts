import type { Wanted } from './fetching.ts'
import { keyOf, type Place } from './topics.ts'

const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 10_000

export interface TakingUpOptions {
  position(place: Place): Promise<number>
  /** These can be read on. */
  taken(places: readonly Wanted[]): void
  onError(error: unknown): void
}

/** Asks where the partitions that were dealt go on; one of which that cannot be said keeps none of the others waiting. */
export function takingUp({ position, taken, onError }: TakingUpOptions) {
  const missing = new Map<string, Place>()
  let deal = 0
  let retry_ms = FIRST_RETRY_MS
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let asking = false

  const ask = async () => {
    const asked = deal
    const places = [...missing.values()]
    asking = true
    const answers = await Promise.allSettled(places.map(position))
    if (asked !== deal) return
    asking = false
    const found: Wanted[] = []
    answers.forEach((answer, index) => {
      const place = places[index]!
      if (answer.status === 'rejected') return
      missing.delete(keyOf(place))
      found.push({ ...place, offset: answer.value })
    })
    if (found.length > 0) taken(found)
    const failure = answers.find((answer) => answer.status === 'rejected')
    if (failure) onError(failure.reason)
    if (missing.size > 0) later()
  }

  const later = () => {
    if (timer) return
    timer = setTimeout(() => {
      timer = undefined
      void ask()
    }, retry_ms)
    retry_ms = Math.min(retry_ms * 2, LAST_RETRY_MS)
  }

  return {
    /** Forgets the partitions of the deal before. */
    start(places: readonly Place[]): void {
      clearTimeout(timer)
      timer = undefined
      deal += 1
      asking = false
      retry_ms = FIRST_RETRY_MS
      missing.clear()
      for (const place of places) missing.set(keyOf(place), place)
      if (places.length > 0) void ask()
    },
    /** Asks again for a partition that could not be read from there. */
    retry(place: Place): void {
      missing.set(keyOf(place), place)
      // Whoever asks now asks again when something is missing then.
      if (!asking && !stopped) later()
    },
    stop(): void {
      stopped = true
      deal += 1
      clearTimeout(timer)
    },
  }
}

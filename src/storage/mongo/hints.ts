/** Documents that this node waits to see moved; more are found by a sweep. */
const MAX_HINTS = 10_000

/** Ids of documents by collection, each with the time at which it was told of. */
export type Told = Map<string, Map<string, number>>

/** Which documents have events to move, as their writers told. */
export function createHints() {
  let told: Told = new Map()
  let size = 0

  /** False when there is no room. */
  function add(collection: string, id: string, at = Date.now()): boolean {
    const ids = told.get(collection) ?? new Map<string, number>()
    if (ids.has(id)) return true
    if (size >= MAX_HINTS) return false
    told.set(collection, ids.set(id, at))
    size += 1
    return true
  }

  return {
    add,
    size: () => size,
    take(): Told {
      const taken = told
      told = new Map()
      size = 0
      return taken
    },
    putBack(taken: Told): void {
      for (const [collection, ids] of taken) for (const [id, at] of ids) add(collection, id, at)
    },
    oldest: () => oldestOf(told),
  }
}

/** The earliest time at which one of these was told of. */
export function oldestOf(told: Told): number | null {
  const times = [...told.values()].flatMap((ids) => [...ids.values()])
  return times.length === 0 ? null : times.reduce((least, at) => Math.min(least, at))
}

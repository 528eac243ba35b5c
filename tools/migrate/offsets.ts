/** Events that follow each other in both logs: `count` of them, from `from` in the old one and from `to` in the new one. */
export interface Run {
  from: number
  to: number
  count: number
}

/** The runs of every partition by `topic/partition`, ascending. */
export type Runs = ReadonlyMap<string, readonly Run[]>

/**
 * Where a reader goes on in the new log that would have gone on at `offset` in the old one. What retention has taken of
 * the old log is not in the new one: whoever had not read it begins with what is left.
 */
export function movedOffset(runs: readonly Run[], offset: number): number {
  const run = runs.findLast(({ from }) => from < offset)
  if (!run) return runs[0]?.to ?? 0
  return run.to + Math.min(offset - run.from, run.count)
}

/** The same for whatever is kept by `topic/partition`; other entries, such as counters, stay as they are. */
export function movedFence(moved: Runs, fence: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(fence).map(([place, offset]) => {
      // Behind a place may stand the subject that was read on there.
      const runs = moved.get(place.split('#', 1)[0]!)
      return [place, runs ? movedOffset(runs, offset) : offset]
    }),
  )
}

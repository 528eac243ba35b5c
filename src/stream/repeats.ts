import type { CloudEvent, Topic } from '../kernel/event.ts'

/** An event with its place in the log. */
export interface Placed {
  topic: Topic
  partition: number
  offset: number
  event: CloudEvent
}

/** Tells which events without a sequence stand in the log a second time. */
export interface Repeats {
  /** Those of `events` that stand at another place, too, where they count. `events` are whole stretches of partitions, in order. */
  among(events: readonly Placed[]): Promise<ReadonlySet<Placed>>
}

/** Where the log holds nothing twice. */
export const NO_REPEATS: Repeats = { among: async () => new Set() }

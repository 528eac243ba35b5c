import type { CloudEvent, Topic } from '../kernel/event.ts'

/** An event that was committed with its document and is not yet confirmed by the log. */
export interface OutboxEntry {
  /** Ascends in the order of commits and is never used twice. */
  position: number
  topic: Topic
  event: CloudEvent
  /** The event's text as it goes into the log. */
  json: string
}

/** The committed events that wait for the log. */
export interface Outbox {
  /** In order, from above `after`. */
  read(after: number, limit: number): Promise<OutboxEntry[]>
  /** Forgets everything up to `through`; the log has confirmed it. */
  acknowledge(through: number): Promise<void>
  /** How many wait (counting stops at 10,000) and since when in milliseconds, null when none do. */
  pending(): Promise<{ count: number; oldest_at: number | null }>
  /**
   * The last position ever given and the last one acknowledged, 0 for none: tells at start whether a log
   * belongs to this storage.
   */
  history(): Promise<{ given: number; acknowledged: number }>
  /** Called after each commit that brought events; the relay wakes by it. Returns how to stop. */
  onCommit(listener: () => void): () => void
}

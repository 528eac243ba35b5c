import type { CloudEvent, Topic } from '../kernel/event.ts'
import type { StampedEvent } from './stamp.ts'

/** An event that was committed with its document and is not yet confirmed by the log. */
export interface OutboxEntry {
  /** Ascends in the order of commits and is never used twice. */
  position: number
  topic: Topic
  event: CloudEvent
  /** The event's text as it goes into the log. */
  json: string
  /** Another node, or an earlier start of this one, had it to move and may have sent it. Only where nodes share a storage. */
  taken_over?: true
}

/**
 * The committed events that wait for the log. Where several nodes share a storage, each moves a part of them: `read`
 * and `acknowledge` are of this node's part, everything else is of all.
 */
export interface Outbox {
  /** In order, from above `after`. */
  read(after: number, limit: number): Promise<OutboxEntry[]>
  /** Forgets everything up to `through` that was read; the log has confirmed it. */
  acknowledge(through: number): Promise<void>
  /**
   * Adds events that belong to no document, in order: what the door could not send to the log itself. Resolves, when
   * they are durable, to the position of the last.
   */
  add(events: readonly StampedEvent[]): Promise<number>
  /** Whether the log has confirmed everything up to this position. */
  passed(position: number): Promise<boolean>
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

import type { CloudEvent, Topic } from '../kernel/event.ts'
import type { OutboxEntry } from '../storage/outbox.ts'

/**
 * The stream port: an ordered, durable log in topics of 12 partitions. Events of one key keep their order.
 * Refusals: `unavailable` (code `log_unavailable`) when an append could not be confirmed.
 */
export interface Log {
  /**
   * Appends committed events in order, each once where the engine can tell (embedded), at least once where it
   * cannot (Kafka). Resolves when all are durable; then the outbox may forget them. Throws EventsRefused when the log
   * will never take some of them. `signal` gives the append up: then it is not known what the log has of it.
   */
  appendOutbox(entries: readonly OutboxEntry[], signal?: AbortSignal): Promise<void>
  /**
   * The outbox position through which all is in the log. Null when the engine does not remember (Kafka): then
   * a repeated append may stand twice in the log and readers have to look at sequences.
   */
  outboxPosition(): Promise<number | null>
  /** Takes one request's clickstream; resolves when it is durable. Verdicts in the order of `events`. */
  appendClickstream(events: readonly ClickstreamRecord[]): Promise<ClickstreamVerdict[]>
  /** Appends to the dead letters what nobody could take. */
  appendDeadLetters(letters: readonly CloudEvent[]): Promise<void>
  /** Events of one partition from `offset`, at most `limit` and about 4 MiB. */
  read(topic: Topic, partition: number, offset: number, limit: number): Promise<LogRecord[]>
  /** First and next offset of every partition of these topics. */
  ends(topics: readonly Topic[]): Promise<PartitionEnds[]>
  /** What tells a topic from one that was made anew under its name; without an entry where that cannot happen. */
  topicIds(topics: readonly Topic[]): Promise<ReadonlyMap<Topic, string>>
  /** Hands batches to `handle`, one at a time per partition, from where `position` says. */
  subscribe(options: SubscribeOptions): Subscription
  check(): Promise<void>
  close(): Promise<void>
}

export interface ClickstreamRecord {
  /** Visitor id: decides the partition. */
  key: string
  /** Client's event id with the event's own milliseconds, or null when the client gave none: then never a duplicate. */
  dedup: { id: string; at_ms: number } | null
  /** The CloudEvent's text. */
  json: string
}

export type ClickstreamVerdict = 'accepted' | 'duplicate'

export interface LogRecord {
  offset: number
  /** The CloudEvent's text; parsed by those who want it. */
  json: string
  /** The parsed text, kept by whoever parsed it first for the groups that come after; nobody changes it. */
  event?: CloudEvent
}

export interface PartitionEnds {
  topic: Topic
  partition: number
  first: number
  next: number
}

/** Events that one call of `handle` gets at most. */
export const BATCH_EVENTS = 4_000

export interface LogBatch {
  topic: Topic
  partition: number
  records: LogRecord[]
  /** Offset behind the last record. */
  next: number
}

export interface SubscribeOptions {
  group: string
  topics: readonly Topic[]
  /** After a batch, waits up to this long for the next one to fill: fewer and larger batches. */
  linger_ms: number
  /** Where this group goes on; asked when a partition is taken up. */
  position(topic: Topic, partition: number): Promise<number>
  /**
   * At most a batch per partition and BATCH_EVENTS in all. A rejection is tried again with growing delay; the
   * batch is never skipped.
   */
  handle(batches: LogBatch[]): Promise<void>
  onError(error: unknown): void
}

export interface Subscription {
  /** Events not yet handled. */
  lag(): Promise<number>
  /** Whether this partition is read here, as far as is known. */
  owns(topic: Topic, partition: number): boolean
  /** Waits for the batch in hand. */
  stop(): Promise<void>
}

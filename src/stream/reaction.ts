import type { CloudEvent, Topic } from '../kernel/event.ts'

/** What a capability does when events arrive. Either way a repeated event changes nothing. */
export type Reaction = RollUpReaction | AppendReaction

/** Folds events into roll-up documents; pure, so that a rebuild from the log comes out equal. */
// biome-ignore lint/suspicious/noExplicitAny: bodies differ by reaction and only the reaction looks into them
export interface RollUpReaction<Body = any> {
  kind: 'roll-up'
  /** Name of the roll-up and of the consumer group. */
  name: string
  topics: readonly Topic[]
  /** The documents that this event changes; none means that it does not matter here. */
  ids(event: CloudEvent): readonly string[]
  empty(id: string): Body
  /** Changes `body` in place. */
  apply(body: Body, id: string, event: CloudEvent): void
  /** Those of these events that must not be counted any more, whatever they told when they came; asked before they are. */
  voided?(events: readonly CloudEvent[]): Promise<ReadonlySet<CloudEvent>>
  /** Hears of documents that this process has written, or may have; for what it keeps of them in memory. */
  written?(documents: readonly { id: string; body: Body }[]): void
}

/** Does something that may be repeated, such as inserting documents whose ids come from the events. */
export interface AppendReaction {
  kind: 'append'
  name: string
  topics: readonly Topic[]
  /** `places` are those of `events`, in their order. */
  handle(events: readonly CloudEvent[], places: readonly PlaceInLog[]): Promise<void>
}

/** Where an event stands. */
export interface PlaceInLog {
  topic: Topic
  partition: number
  offset: number
}

import type { Fault } from './faults.ts'

/** What the main thread and the sending thread say to each other: plain data. */

/** The relay and the door each have a producer of their own; each has one send under way at most. */
export type ProducerName = 'relay' | 'door'

/** Events by column, in order: a list of texts crosses to the thread faster than a list of objects. */
export interface Events {
  /** Topic's full name, as Kafka has it. */
  topics: string[]
  keys: string[]
  /** CloudEvent's texts. */
  jsons: string[]
}

export interface Send extends Events {
  kind: 'send'
  producer: ProducerName
  /** After this the send is given up: whether the broker has it is not known then. */
  within_ms: number
  /** Whether what follows a refused event of its subject is refused, too, to wait behind it. */
  hold_subjects: boolean
}

/** An event that the broker will never take, or that has to wait behind one of its subject; by its index in the send. */
export interface Refused {
  index: number
  reason: string
}

/** `confirmed`: all but the refused ones are durable. `unconfirmed`: each of them may be in the log or not. */
export type SendResult =
  | { outcome: 'confirmed'; refused: Refused[] }
  | { outcome: 'unconfirmed'; fault: Fault }

export type ToSender = Send | { kind: 'give-up'; producer: ProducerName } | { kind: 'close' }
export type FromSender = { kind: 'sent'; producer: ProducerName; result: SendResult } | { kind: 'closed' }

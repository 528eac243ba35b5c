import { type Static, Type } from 'typebox'

/** Of each sort: orders, notices, mails, events, erasures. */
export const MAX_SHOWN = 100

/** A subject of the log that a consumer could not read on. */
export interface ParkedSubject {
  group: string
  topic: string
  subject: string
  reason: string
  at: string
  /** When somebody asked that it is read on. */
  asked?: string
}

export const ATTENTION_KINDS = [
  'payment_unknown',
  'payment_mismatch',
  'payment_stuck',
  'refund_failed',
  'moved_elsewhere',
  'order_stuck',
  'notice',
  'mail_failed',
  'parked_events',
  'erasure_waits',
] as const

export const AttentionItem = Type.Object({
  kind: Type.Enum([...ATTENTION_KINDS]),
  since: Type.String({ format: 'date-time' }),
  message: Type.String({ description: 'What is the matter, and what helps' }),
  order_id: Type.Union([Type.String(), Type.Null()]),
})
export type AttentionItem = Static<typeof AttentionItem>

export const AttentionView = Type.Object({
  items: Type.Array(AttentionItem, { description: `Longest waiting first; at most ${MAX_SHOWN} of a sort` }),
  low_stock: Type.Integer({ description: 'SKUs below their threshold' }),
})
export type AttentionView = Static<typeof AttentionView>

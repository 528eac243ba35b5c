import type { Place } from './places.ts'

/** What the main thread sends to the writer: plain data, one entry per append. */
export type Write = OutboxWrite | ClickstreamWrite | LettersWrite | TrimWrite | CheckWrite

/** Events of one partition as NDJSON without a newline at the end. */
export interface Group {
  place: Place
  count: number
  text: string
}

export interface OutboxWrite {
  kind: 'outbox'
  /** Position of the last entry. */
  through: number
  groups: (Group & { positions: number[] })[]
}

export interface ClickstreamWrite {
  kind: 'clickstream'
  groups: (Group & { dedup: ({ key: string; id: string; at_ms: number } | null)[] })[]
}

export interface LettersWrite {
  kind: 'letters'
  groups: Group[]
}

export interface TrimWrite {
  kind: 'trim'
  /** Rows appended before `before` (ms) leave these places. */
  places: { place: Place; before: number }[]
  /** Client ids older than this (ms) are forgotten. */
  seen_before: number
}

/** Writes a byte that stays, so that a full or read-only disk is noticed. */
export interface CheckWrite {
  kind: 'check'
}

/** What one group became: where it begins and which of its events were not kept. */
export interface Appended {
  place: Place
  base: number
  kept: number
  /** Indexes within the group: duplicates, or outbox entries that the log had already. */
  dropped: number[]
}

export interface WriteResult {
  appended: Appended[]
  /** New first offsets after trimming, and whether more is left to trim. */
  firsts: { place: Place; first: number }[]
  more: boolean
}

export type Outcome = { ok: true; result: WriteResult } | { ok: false; unavailable: boolean; message: string }

export type ToWriter = { writes: Write[]; now: number } | 'close'
export type FromWriter =
  | { kind: 'opened'; outbox_position: number; ends: { place: Place; first: number; next: number }[] }
  | { kind: 'refused'; message: string }
  | { kind: 'written'; outcomes: Outcome[] }
  | { kind: 'closed' }

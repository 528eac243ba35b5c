/** What may go wrong on purpose; each a probability from 0 to 1, but the delay. */
export interface Faults {
  /** Milliseconds that every call takes. */
  delay_ms: number
  /** Calls that are never answered and never done. */
  lost_before: number
  /** Calls that are done and never answered. */
  lost_after: number
  /** Calls that are answered with 500; of them every second one is done. */
  broken: number
  /** Notices that come up to a minute late, and so behind those that were sent after them. */
  late: number
  twice: number
  /** Notices before which somebody sends the same with a wrong signature. */
  forged: number
}

export const NO_FAULTS: Faults = {
  delay_ms: 0,
  lost_before: 0,
  lost_after: 0,
  broken: 0,
  late: 0,
  twice: 0,
  forged: 0,
}

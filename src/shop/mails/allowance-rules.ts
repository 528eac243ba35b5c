import { type CountedKind, MAX_ASKED_AN_HOUR, MAX_TOLD_AN_HOUR } from './schema.ts'

export const ALLOWANCE_WINDOW_MS = 60 * 60 * 1_000

/** The times with one more, or undefined when the last hour has had its share. What lies an hour ahead is from before the clock was put back. */
export function countOneMore(kind: CountedKind, asked: readonly number[], now: number): number[] | undefined {
  const most = kind === 'told' ? MAX_TOLD_AN_HOUR : MAX_ASKED_AN_HOUR
  const lately = asked.filter((at) => Math.abs(now - at) < ALLOWANCE_WINDOW_MS)
  return lately.length < most ? [...lately, now] : undefined
}

import { Refusal } from '../kernel/errors.ts'

const RETRY_AFTER_SECONDS = 2

/** An append that could not be confirmed; `why` ends the sentence. */
export function logUnavailable(why: string): Refusal {
  return new Refusal('unavailable', 'log_unavailable', `The event log cannot take events now: ${why}.`, {
    retry_after_seconds: RETRY_AFTER_SECONDS,
  })
}

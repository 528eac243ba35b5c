import { curlLine } from './curl.ts'
import type { FuzzOutcome } from './run.ts'

/** Of many alike the first ones tell enough. */
const MAX_FAULTS = 20

/** The faults of a run, each with the request that found it. */
export function faultLines({ faults, url }: FuzzOutcome): string[] {
  return [
    ...faults.slice(0, MAX_FAULTS).map(({ what, sent }) => `FAULT ${what}\n  ${curlLine(url, sent)}`),
    ...(faults.length > MAX_FAULTS ? [`and ${faults.length - MAX_FAULTS} more`] : []),
  ]
}

/** What a run did: a table of statuses, and which operations no request succeeded with. */
export function summaryLines({ summary, seconds }: FuzzOutcome): string[] {
  const asked = [...summary.asked().values()]
  const total = asked.reduce((sum, count) => sum + count, 0)
  const without = summary.neverDone()
  return [
    ...summary.lines(),
    `${total} requests to ${asked.length} operations, none left out, in ${seconds.toFixed(0)} s`,
    ...(without.length > 0 ? [`No request succeeded with: ${without.join(', ')}`] : []),
  ]
}

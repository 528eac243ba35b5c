import type { FuzzOutcome } from './run.ts'

/** What a run did: a table of statuses, and which operations no request succeeded with. */
export function summaryLines({ summary, seconds, renewals }: FuzzOutcome): string[] {
  const asked = [...summary.asked().values()]
  const total = asked.reduce((sum, count) => sum + count, 0)
  const without = summary.neverDone()
  return [
    ...summary.lines(),
    `${total} requests to ${asked.length} operations, none left out, in ${seconds.toFixed(0)} s; callers made anew ${renewals} times`,
    ...(without.length > 0 ? [`No request succeeded with: ${without.join(', ')}`] : []),
  ]
}

import type { FuzzOutcome } from './run.ts'

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

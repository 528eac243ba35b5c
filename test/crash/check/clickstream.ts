import type { Attempt } from '../history.ts'
import type { Republished } from './copies.ts'
import type { EventFact, Facts } from './facts.ts'
import { grouped } from './grouped.ts'

const CLICKSTREAM = 'ecommerce-clickstream'

/** An acknowledged clickstream event is in the log; none that nobody sent; copies are explained. */
export function clickstreamViolations(
  facts: Facts,
  attempts: readonly Attempt[],
  republished: Republished,
): string[] {
  const logged = grouped(
    facts.records.filter(({ topic }) => topic === CLICKSTREAM),
    ({ data }) => String(data?.event_id),
  )
  const batches = attempts.filter(({ kind }) => kind === 'events')
  const tries = new Map<string, number>()
  for (const { request, outcome } of batches)
    for (const id of request as string[]) tries.set(id, (tries.get(id) ?? 0) + Number(outcome !== 'fail'))
  const promised = new Set(
    batches.filter(({ outcome }) => outcome === 'ok').flatMap(({ request }) => request as string[]),
  )
  const violations: string[] = []
  for (const id of promised)
    if (!logged.has(id)) violations.push(`I17: the acknowledged clickstream event ${id} is not in the log`)
  for (const [id, copies] of logged) {
    if (!tries.has(id)) violations.push(`I18: the clickstream event ${id} was sent by nobody`)
    violations.push(
      ...(facts.repeats
        ? repeatViolations(copies, { id, tries: tries.get(id) ?? 0 })
        : onceViolations(copies, id)),
    )
  }
  return [...violations, ...copyCountViolations([...logged.values()].flat(), republished)]
}

function onceViolations(copies: readonly EventFact[], id: string): string[] {
  return copies.length > 1 ? [`I19: the clickstream event ${id} is in the log ${copies.length} times`] : []
}

/**
 * Before Kafka the door does not look: each time that it takes an event, even if the visitor has sent it before, it makes an
 * entry of the log with an id of its own. Entries with one id are copies of one sending.
 */
function repeatViolations(
  copies: readonly EventFact[],
  { id, tries }: { id: string; tries: number },
): string[] {
  const entries = grouped(copies, (copy) => copy.id)
  const violations: string[] = []
  if (entries.size > tries)
    violations.push(
      `I19: the clickstream event ${id} was taken ${entries.size} times and sent ${tries} times`,
    )
  for (const [entry, [first, ...others]] of entries) {
    if (others.some(({ text }) => text !== first!.text))
      violations.push(`I17: the copies of the clickstream event ${entry} differ`)
  }
  return violations
}

/** Clickstream has no numbers by which its copies were announced one by one: there may be as many as were announced. */
function copyCountViolations(records: readonly EventFact[], { events, door }: Republished): string[] {
  const copies = records.length - new Set(records.map(({ id }) => id)).size
  const named = [...events].filter(([name]) => name.startsWith(`${CLICKSTREAM}/`))
  const said = named.reduce((sum, [, times]) => sum + times, door)
  return copies > said
    ? [`I19: the log has ${copies} copies of clickstream events, ${said} were said to be sent again`]
    : []
}

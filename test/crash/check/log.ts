import type { Attempt } from '../history.ts'
import type { EventFact, Facts } from './facts.ts'
import { grouped } from './grouped.ts'

/** I16 to I20: every change is told once, in order, and nothing is told that was not changed. */
export function logViolations(facts: Facts, attempts: readonly Attempt[]): string[] {
  const domain = facts.records.filter(({ sequence }) => sequence > 0)
  const subjects = grouped(domain, ({ topic, subject }) => `${topic} ${subject}`)
  return [
    ...offsetViolations(facts.records),
    ...[...subjects].flatMap(([subject, events]) => sequenceViolations(subject, events)),
    ...countViolations(facts, subjects),
    ...clickstreamViolations(facts, attempts),
    ...(facts.outbox > 0 ? [`I20: ${facts.outbox} events are still in the outbox`] : []),
  ]
}

function offsetViolations(records: readonly EventFact[]): string[] {
  return [...grouped(records, ({ topic, place }) => `${topic} ${place}`)].flatMap(([place, events]) => {
    const gap = events.findIndex(({ offset }, index) => offset !== events[0]!.offset + index)
    return gap < 0 ? [] : [`I16: the offsets of ${place} have a gap at ${events[gap]!.offset}`]
  })
}

/** On the embedded log there are no copies at all: 1, 2, 3, … in the order of the log. */
function sequenceViolations(subject: string, events: readonly EventFact[]): string[] {
  const wrong = events.findIndex(({ sequence }, index) => sequence !== index + 1)
  if (wrong < 0) return []
  const { sequence } = events[wrong]!
  return [
    `${sequence <= wrong ? 'I19' : 'I16/I17'}: ${subject} has event ${sequence} where ${wrong + 1} belongs`,
  ]
}

/** I17, I18: a document says how many events it told; the log has as many. */
function countViolations(facts: Facts, subjects: Map<string, EventFact[]>): string[] {
  const told = new Map<string, number>()
  for (const [prefix, documents] of [
    ['orders', facts.orders],
    ['products', facts.products],
    ['users', facts.users],
  ] as const) {
    for (const { id, sequences } of documents) {
      for (const [topic, count] of Object.entries(sequences ?? {}))
        told.set(`${topic} ${prefix}/${id}`, count)
    }
  }
  for (const row of facts.stock)
    told.set(`ecommerce-inventory stock/${row.product_id}/${row.sku}`, row.sequence)
  const violations: string[] = []
  for (const [subject, count] of told) {
    const logged = subjects.get(subject)?.length ?? 0
    if (logged < count) violations.push(`I17: ${subject} told ${count} events, the log has ${logged}`)
    if (logged > count) violations.push(`I18: ${subject} told ${count} events, the log has ${logged}`)
  }
  for (const subject of subjects.keys()) {
    const known = /^\S+ (orders|products|users|stock)\//.test(subject)
    if (known && !told.has(subject)) violations.push(`I18: the log tells of ${subject}, which does not exist`)
  }
  return violations
}

/** An acknowledged clickstream event is in the log; none is there twice; none that nobody sent. */
function clickstreamViolations(facts: Facts, attempts: readonly Attempt[]): string[] {
  const logged = grouped(
    facts.records.filter(({ topic }) => topic === 'ecommerce-clickstream'),
    ({ data }) => String(data.event_id),
  )
  const batches = attempts.filter(({ kind }) => kind === 'events')
  const sent = new Set(batches.flatMap(({ request }) => request as string[]))
  const promised = new Set(
    batches.filter(({ outcome }) => outcome === 'ok').flatMap(({ request }) => request as string[]),
  )
  const violations: string[] = []
  for (const id of promised)
    if (!logged.has(id)) violations.push(`I17: the acknowledged clickstream event ${id} is not in the log`)
  for (const [id, copies] of logged) {
    if (copies.length > 1)
      violations.push(`I19: the clickstream event ${id} is in the log ${copies.length} times`)
    if (!sent.has(id)) violations.push(`I18: the clickstream event ${id} was sent by nobody`)
  }
  return violations
}

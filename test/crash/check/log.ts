import type { Attempt } from '../history.ts'
import { clickstreamViolations } from './clickstream.ts'
import { copyViolations, type Republished } from './copies.ts'
import type { DocumentFact, EventFact, Facts } from './facts.ts'
import { grouped } from './grouped.ts'

/** Topics whose events no document counts. */
const UNCOUNTED = new Set(['ecommerce-clickstream', 'ecommerce-dead-letters'])

/** I16 to I20: every change is told once, in order, and nothing is told that was not changed. */
export function logViolations(
  facts: Facts,
  attempts: readonly Attempt[],
  republished: Republished,
): string[] {
  const domain = facts.records.filter(({ topic }) => !UNCOUNTED.has(topic))
  const counted = domain.filter(({ sequence }) => sequence > 0)
  const subjects = grouped(counted, ({ topic, subject }) => `${topic} ${subject}`)
  const [waits] = facts.outbox
  return [
    ...offsetViolations(facts.records),
    ...domain
      .filter(({ sequence }) => !(sequence > 0))
      .map(({ topic, partition, offset }) => `I18: ${topic}/${partition} has no event at ${offset}`),
    ...[...subjects].flatMap(([subject, events]) =>
      facts.repeats ? copyViolations(events, republished) : sequenceViolations(subject, events),
    ),
    ...countViolations(facts, subjects),
    ...clickstreamViolations(facts, attempts, republished),
    ...(waits ? [`I20: ${facts.outbox.length} events are still in the outbox, first ${waits}`] : []),
  ]
}

function offsetViolations(records: readonly EventFact[]): string[] {
  return [...grouped(records, ({ topic, partition }) => `${topic}/${partition}`)].flatMap(
    ([place, events]) => {
      const gap = events.findIndex(({ offset }, index) => offset !== events[0]!.offset + index)
      return gap < 0 ? [] : [`I16: the offsets of ${place} have a gap at ${events[gap]!.offset}`]
    },
  )
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

/** I17, I18: a document says how many events it told; the log has as many, copies aside. */
function countViolations(facts: Facts, subjects: Map<string, EventFact[]>): string[] {
  const told = toldByDocuments(facts)
  const violations: string[] = []
  for (const [subject, count] of told) {
    const logged = new Set(subjects.get(subject)?.map(({ sequence }) => sequence)).size
    if (logged < count) violations.push(`I17: ${subject} told ${count} events, the log has ${logged}`)
    if (logged > count) violations.push(`I18: ${subject} told ${count} events, the log has ${logged}`)
  }
  for (const subject of subjects.keys()) {
    const known = /^\S+ (orders|products|users|stock)\//.test(subject)
    if (known && !told.has(subject)) violations.push(`I18: the log tells of ${subject}, which does not exist`)
  }
  return violations
}

/** By topic and subject. */
function toldByDocuments(facts: Facts): Map<string, number> {
  const told = new Map<string, number>()
  const collections: [prefix: string, documents: DocumentFact[]][] = [
    ['orders', facts.orders],
    ['products', facts.products],
    ['users', facts.users],
    ['sessions', facts.sessions],
  ]
  for (const [prefix, documents] of collections) {
    for (const { id, sequences } of documents) {
      for (const [topic, count] of Object.entries(sequences ?? {}))
        told.set(`${topic} ${prefix}/${id}`, count)
    }
  }
  for (const { product_id, sku, sequence } of facts.stock)
    told.set(`ecommerce-inventory stock/${product_id}/${sku}`, sequence)
  return told
}

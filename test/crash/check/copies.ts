import type { EventFact } from './facts.ts'
import { grouped } from './grouped.ts'

/** How often the relay said that it sends an event again, by `topic/subject/sequence`. */
export type Republished = ReadonlyMap<string, number>

export function nameOf({ topic, subject, sequence }: EventFact): string {
  return `${topic}/${subject}/${sequence}`
}

/** What the relays noted in their output before they sent something that may be in the log already. */
export function republishedIn(outputs: readonly string[]): Republished {
  const counts = new Map<string, number>()
  for (const output of outputs) {
    for (const line of output.split('\n').filter((text) => text.includes('events are sent again'))) {
      for (const event of eventsOf(line)) counts.set(event, (counts.get(event) ?? 0) + 1)
    }
  }
  return counts
}

/** A line that a kill cut off names what was not sent any more. */
function eventsOf(line: string): string[] {
  try {
    return (JSON.parse(line) as { events: string[] }).events
  } catch {
    return []
  }
}

/** Each event once, where it stands first, in the order of the log: what a reader goes by. */
export function firstCopies(records: readonly EventFact[]): EventFact[] {
  const seen = new Set<string>()
  return records.filter((record) => {
    const name = identityOf(record)
    if (seen.has(name)) return false
    seen.add(name)
    return true
  })
}

/** Domain events are told apart by their place among their subject's, clickstream by the id that the visitor gave. */
function identityOf(record: EventFact): string {
  if (record.sequence > 0) return nameOf(record)
  return `${record.topic}/${record.key}/${record.data?.event_id ?? record.id}`
}

/**
 * I16, I17, I19 on a log that may repeat: an event's first copies are 1, 2, 3, … of its subject, every copy is equal to the
 * last byte, and there are no more of them than the relay said it would send.
 */
export function copyViolations(events: readonly EventFact[], republished: Republished): string[] {
  const violations: string[] = []
  const firsts = new Map<number, EventFact>()
  const copies = new Map<string, number>()
  for (const event of events) {
    const first = firsts.get(event.sequence)
    if (!first) {
      const next = firsts.size + 1
      if (event.sequence !== next) {
        violations.push(
          `I16/I17: ${event.topic} ${event.subject} has event ${event.sequence} where ${next} belongs`,
        )
        break
      }
      firsts.set(next, event)
      continue
    }
    copies.set(nameOf(event), (copies.get(nameOf(event)) ?? 0) + 1)
    if (first.text !== event.text)
      violations.push(`I17: the copies of ${nameOf(event)} at ${first.offset} and ${event.offset} differ`)
  }
  for (const [name, count] of copies) {
    const said = republished.get(name) ?? 0
    if (count > said)
      violations.push(`I19: ${name} is ${count} times too often in the log, ${said} were said`)
  }
  return [...violations, ...partitionViolations(events)]
}

/** Copies in another partition would make the order a matter of luck. */
function partitionViolations(events: readonly EventFact[]): string[] {
  const partitions = [...grouped(events, ({ partition }) => String(partition)).keys()]
  return partitions.length > 1
    ? [`I16: ${events[0]!.topic} ${events[0]!.subject} lies in partitions ${partitions.join(', ')}`]
    : []
}

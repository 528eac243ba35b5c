import type { EventFact } from './facts.ts'
import { grouped } from './grouped.ts'

/** What the shop noted in its output before it sent something that may be in the log already. */
export interface Republished {
  /** By the relay: how often, by `topic/subject/sequence`. */
  events: ReadonlyMap<string, number>
  /** By the door, which only counts them: clickstream that the broker did not confirm in time. */
  door: number
}

export function nameOf({ topic, subject, sequence }: EventFact): string {
  return `${topic}/${subject}/${sequence}`
}

export function republishedIn(outputs: readonly string[]): Republished {
  const events = new Map<string, number>()
  let door = 0
  for (const line of outputs.flatMap((output) => output.split('\n'))) {
    if (line.includes('events are sent again'))
      for (const name of noteIn<string[]>(line) ?? []) events.set(name, (events.get(name) ?? 0) + 1)
    else if (line.includes('Kafka did not confirm events of the door')) door += noteIn<number>(line) ?? 0
  }
  return { events, door }
}

/** A line that a kill cut off tells of nothing that was sent. */
function noteIn<Events>(line: string): Events | undefined {
  try {
    return (JSON.parse(line) as { events: Events }).events
  } catch {
    return undefined
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
    const said = republished.events.get(name) ?? 0
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

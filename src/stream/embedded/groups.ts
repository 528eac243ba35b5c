import type { CloudEvent } from '../../kernel/event.ts'
import { partitionOf } from '../../kernel/partition.ts'
import type { OutboxEntry } from '../../storage/outbox.ts'
import type { ClickstreamRecord } from '../stream.ts'
import { type Place, placeOf } from './places.ts'
import type { ClickstreamWrite, Group, OutboxWrite } from './writes.ts'

/** The entries by partition, each partition's in their order. */
export function outboxGroups(entries: readonly OutboxEntry[]): OutboxWrite['groups'] {
  const groups = new Map<Place, OutboxWrite['groups'][number]>()
  for (const { topic, event, json, position } of entries) {
    const place = placeOf(topic, partitionOf(event.partitionkey))
    const group = groups.get(place)
    if (group) {
      add(group, json)
      group.positions.push(position)
    } else groups.set(place, { place, count: 1, text: json, positions: [position] })
  }
  return [...groups.values()]
}

/** One request's events by partition; `indexes` tells where each stood in the request. */
export function clickstreamGroups(events: readonly ClickstreamRecord[]) {
  const groups: ClickstreamWrite['groups'] = []
  const indexes: number[][] = []
  const known = new Map<string, number>()
  events.forEach(({ key, dedup, json }, index) => {
    let at = known.get(key)
    if (at === undefined) {
      const place = placeOf('ecommerce-clickstream', partitionOf(key))
      at = groups.findIndex((group) => group.place === place)
      if (at < 0) {
        at = groups.push({ place, count: 0, text: '', dedup: [] }) - 1
        indexes.push([])
      }
      known.set(key, at)
    }
    const group = groups[at]!
    // Between tokens of JSON a line break is only space; in the log it ends an event.
    const line = json.includes('\n') ? json.replaceAll('\n', ' ') : json
    if (group.count === 0) {
      group.text = line
      group.count = 1
    } else add(group, line)
    group.dedup.push(dedup && { key, id: dedup.id, at_ms: dedup.at_ms })
    indexes[at]!.push(index)
  })
  return { groups, indexes }
}

export function letterGroups(letters: readonly CloudEvent[]): Group[] {
  const groups = new Map<Place, Group>()
  for (const letter of letters) {
    const place = placeOf('ecommerce-dead-letters', partitionOf(letter.partitionkey))
    const json = JSON.stringify(letter)
    const group = groups.get(place)
    if (group) add(group, json)
    else groups.set(place, { place, count: 1, text: json })
  }
  return [...groups.values()]
}

function add(group: Group, json: string): void {
  group.text += `\n${json}`
  group.count += 1
}

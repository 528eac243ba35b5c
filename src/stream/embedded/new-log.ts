import { TOPICS, type Topic } from '../../kernel/event.ts'
import type { Outbox } from '../../storage/outbox.ts'
import type { RollUps } from '../../storage/roll-ups.ts'
import type { LogStart } from './log-file.ts'
import { placeOf } from './places.ts'

/**
 * Where a log begins that replaces a lost one: behind every position that a group has reached, so that what was
 * counted is not counted again and the next events are new to everybody.
 */
export async function startOfNewLog(
  { outbox, rollUps }: { outbox: Pick<Outbox, 'history'>; rollUps: Pick<RollUps, 'positions'> },
  groups: readonly string[],
): Promise<LogStart> {
  const next = new Map<number, number>()
  for (const group of groups) {
    for (const { topic, partition, offset } of await rollUps.positions(group)) {
      if (!(TOPICS as readonly string[]).includes(topic)) continue
      const place = placeOf(topic as Topic, partition)
      next.set(place, Math.max(next.get(place) ?? 0, offset))
    }
  }
  return { outbox_position: (await outbox.history()).acknowledged, next }
}

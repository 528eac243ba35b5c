import type { Outbox, OutboxEntry } from '../../src/storage/outbox.ts'

/** An outbox in memory that keeps the port's promises, for tests of what is around it. */
export function memoryOutbox() {
  let entries: OutboxEntry[] = []
  let given = 0
  let acknowledged = 0
  const listeners = new Set<() => void>()
  const outbox: Outbox = {
    async read(after, limit) {
      return entries.filter(({ position }) => position > after).slice(0, limit)
    },
    async acknowledge(through) {
      entries = entries.filter(({ position }) => position > through)
      acknowledged = Math.max(acknowledged, through)
    },
    async add(events) {
      entries.push(...events.map((event) => ({ ...event, position: ++given })))
      for (const listener of listeners) listener()
      return given
    },
    async passed(position) {
      return entries.every((entry) => entry.position > position)
    },
    async pending() {
      return { count: entries.length, oldest_at: entries[0] ? Date.parse(entries[0].event.time) : null }
    },
    async history() {
      return { given, acknowledged }
    },
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return {
    outbox,
    waiting: () => entries.length,
    commit(...added: OutboxEntry[]) {
      entries.push(...added)
      given = added.at(-1)!.position
      for (const listener of listeners) listener()
    },
  }
}

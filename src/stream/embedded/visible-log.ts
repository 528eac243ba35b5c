import type { LogRecord, SubscribeOptions, Subscription } from '../stream.ts'
import type { Place } from './places.ts'
import type { LogReader } from './reader.ts'
import { recentEvents } from './recent.ts'
import { type EmbeddedSubscription, subscription } from './subscription.ts'
import type { WriterClient } from './writer-client.ts'
import type { Write, WriteResult } from './writes.ts'

/** What readers see of the log: the events that are on disk, in the order of their offsets. */
export function visibleLog(writer: WriterClient, reader: LogReader) {
  const first: number[] = []
  const next: number[] = []
  for (const end of writer.opened.ends) {
    first[end.place] = end.first
    next[end.place] = end.next
  }
  const subscriptions = new Set<EmbeddedSubscription>()
  const recent = recentEvents()

  const read = (place: Place, offset: number, limit: number): LogRecord[] =>
    offset >= next[place]!
      ? []
      : (recent.read(place, offset, limit) ?? reader.read(place, { offset, next: next[place]!, limit }))

  return {
    read,
    end: (place: Place) => ({ first: first[place]!, next: next[place]! }),
    /** Writes, and then lets readers see it. */
    async write(write: Write): Promise<WriteResult> {
      const result = await writer.write(write)
      for (const { place, base, kept } of result.appended) next[place] = Math.max(next[place]!, base + kept)
      for (const trimmed of result.firsts) first[trimmed.place] = trimmed.first
      recent.add(write, result.appended)
      if (result.appended.length > 0) for (const one of subscriptions) one.wake()
      return result
    },
    subscribe(options: SubscribeOptions): Subscription {
      const one = subscription({ next: (place) => next[place]!, read }, options)
      subscriptions.add(one)
      return {
        lag: () => one.lag(),
        owns: one.owns,
        async stop() {
          subscriptions.delete(one)
          await one.stop()
        },
      }
    },
    async stop(): Promise<void> {
      await Promise.all([...subscriptions].map((one) => one.stop()))
    },
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import type { CloudEvent } from '../../kernel/event.ts'
import { removeInSteps } from '../../storage/remove-in-steps.ts'
import type { New, Storage } from '../../storage/storage.ts'
import { eventOf } from '../../stream/event-of.ts'
import type { AppendReaction, PlaceInLog } from '../../stream/reaction.ts'
import type { Log } from '../../stream/stream.ts'
import type { EventSource, TimelineItem, TimelineQuery } from '../timeline/schema.ts'
import { ClickstreamData } from './events-schema.ts'
import { keysOf, visitItem } from './kept-rules.ts'
import { EVENT_PLACES, type EventPlace } from './places-schema.ts'
import { CLICKSTREAM_TOPIC } from './schema.ts'

export const EVENT_PLACES_GROUP = EVENT_PLACES.name
export const EVENT_PLACES_TOPICS = [CLICKSTREAM_TOPIC] as const
/** Written at once, with a pause as long as it took: the index fills behind and leaves the storage to those who wait for it. */
const WRITTEN_AT_ONCE = 100

export interface EventPlacesOptions {
  storage: Pick<Storage, 'collection'>
  log: Pick<Log, 'read'>
  clock: Clock
  retention_seconds: number
}

/** Finds the events of a visitor, user, session or order in a log that is the shop's own: an index, and no second copy. */
export function createEventPlaces({ storage, log, clock, retention_seconds }: EventPlacesOptions) {
  const places = storage.collection(EVENT_PLACES)
  const validator = Compile(ClickstreamData)

  function placed(event: CloudEvent, { partition, offset }: PlaceInLog): New<EventPlace>[] {
    // What another hand wrote into the log is nothing that staff ask for.
    if (!validator.Check(event.data)) return []
    const keys = keysOf(event.time, event.data)
    return [{ id: event.id, ...keys, partition, offset, created_at: keys.time, updated_at: keys.time }]
  }

  const reaction: AppendReaction = {
    kind: 'append',
    name: EVENT_PLACES_GROUP,
    topics: EVENT_PLACES_TOPICS,
    async handle(events, where) {
      const entries = events.flatMap((event, index) => placed(event, where[index]!))
      for (let from = 0; from < entries.length; from += WRITTEN_AT_ONCE) {
        const began = performance.now()
        await places.insertMany(entries.slice(from, from + WRITTEN_AT_ONCE))
        await sleep(performance.now() - began)
      }
    },
  }

  /** The event from the log; nothing where retention has taken it. */
  async function fetched(place: EventPlace): Promise<TimelineItem[]> {
    const [record] = await log.read(CLICKSTREAM_TOPIC, place.partition, place.offset, 1)
    return record?.offset === place.offset ? [visitItem(eventOf(record), place)] : []
  }

  const source: EventSource = {
    async list({ of, key, ...page }: TimelineQuery) {
      const { items } = await places.list({ index: of, equal: [key], order: 'desc', ...page })
      return (await Promise.all(items.map(fetched))).flat()
    },
  }

  return {
    reaction,
    ...source,
    /** Forgets the places of what is older than the retention; says how many went. */
    sweep(): Promise<number> {
      const before = new Date(clock.now() - retention_seconds * 1_000).toISOString()
      return removeInSteps(places, 'received', before)
    },
  }
}

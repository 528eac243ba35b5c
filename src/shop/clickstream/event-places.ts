import { setTimeout as sleep } from 'node:timers/promises'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import type { CloudEvent } from '../../kernel/event.ts'
import { firstOf } from '../../storage/list-all.ts'
import { removeInSteps } from '../../storage/remove-in-steps.ts'
import type { New, Storage } from '../../storage/storage.ts'
import { eventOf } from '../../stream/event-of.ts'
import type { AppendReaction, PlaceInLog } from '../../stream/reaction.ts'
import type { Log } from '../../stream/stream.ts'
import type { EventSource, TimelineItem, TimelineQuery } from '../timeline/schema.ts'
import type { Gone } from '../users/users.ts'
import { createEventsOfPerson } from './events-of-person.ts'
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
  gone: Pick<Gone, 'events'>
  clock: Clock
  retention_seconds: number
}

/** Finds the events of a visitor, user, session or order in a log that is the shop's own: an index, and no second copy. */
export function createEventPlaces({ storage, log, gone, clock, retention_seconds }: EventPlacesOptions) {
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
      const left = await gone.events(events)
      const entries = events.flatMap((event, index) => (left.has(event) ? [] : placed(event, where[index]!)))
      for (let from = 0; from < entries.length; from += WRITTEN_AT_ONCE) {
        const began = performance.now()
        await places.insertMany(entries.slice(from, from + WRITTEN_AT_ONCE))
        await sleep(performance.now() - began)
      }
    },
  }

  /** The event from the log; undefined where retention has taken it. */
  async function eventAt({ partition, offset }: EventPlace): Promise<CloudEvent | undefined> {
    const [record] = await log.read(CLICKSTREAM_TOPIC, partition, offset, 1)
    return record?.offset === offset ? eventOf(record) : undefined
  }

  async function shown(place: EventPlace): Promise<TimelineItem[]> {
    const event = await eventAt(place)
    return event ? [visitItem(event, place)] : []
  }

  const source: EventSource = {
    async list({ of, key, ...page }: TimelineQuery) {
      const found = await firstOf(places, { index: of, equal: [key], order: 'desc', ...page })
      return (await Promise.all(found.map(shown))).flat()
    },
  }

  return {
    reaction,
    ...source,
    ...createEventsOfPerson({ kept: places, eventOf: eventAt }),
    /** Forgets the places of what is older than the retention; says how many went. */
    sweep(): Promise<number> {
      const before = new Date(clock.now() - retention_seconds * 1_000).toISOString()
      return removeInSteps(places, 'received', before)
    },
  }
}

import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../kernel/clock.ts'
import type { CloudEvent, Topic } from '../kernel/event.ts'
import { removeInSteps } from '../storage/remove-in-steps.ts'
import type { Collection, CollectionDefinition, Storage, Stored } from '../storage/storage.ts'
import { recentVerdicts } from './recent-verdicts.ts'
import type { Placed, Repeats } from './repeats.ts'

/** Where an event was met first; the id is made of the event's. */
export interface FirstPlace extends Stored {
  /** `partition/offset`. */
  place: string
}

export const FIRST_PLACES: CollectionDefinition<FirstPlace> = {
  name: 'clickstream_ids',
  indexes: { created: { fields: ['created_at'] } },
}

/** As long as the embedded log remembers the ids of clients. */
const KEPT_MS = 7 * 86_400_000
/** So that neither a read nor its documents keep requests waiting. */
const READ_AT_ONCE = 1_000
/** 120 bits: nobody finds an id that collides with another's. */
const HASH_CHARACTERS = 20
const TIME_CHARACTERS = 9
/** Events that a look remembers beside those that are stored. */
const LOOKED_AT = 1_000_000

/** What makes two records the same event. By the event's own time new ids lie beside each other in the index. */
export interface Identity {
  at_ms: number
  text: string
}

export interface FirstPlacesOptions {
  storage: Pick<Storage, 'collection'>
  /** Whose events have no sequence. */
  topic: Topic
  identityOf(event: CloudEvent): Identity
}

export interface FirstPlaces extends Repeats {
  /** Forgets ids that are old enough; says how many. */
  sweep(): Promise<number>
}

/** Writes places for ids, and answers the places of those that had one. */
type Claim = (claims: ReadonlyMap<string, string>) => Promise<ReadonlyMap<string, string>>

/**
 * Remembers where each event was met first, for all groups and nodes. The first place is the same for every group,
 * since copies of an event lie in one partition and are read in their order; an event is a repeat if it lies elsewhere.
 * After a crash it is met at its own place again, and counts.
 */
export function createFirstPlaces(options: FirstPlacesOptions & { clock: Clock }): FirstPlaces {
  const { storage, topic, clock } = options
  const places = storage.collection(FIRST_PLACES)
  const recent = recentVerdicts()

  const claim: Claim = async (claims) => {
    const now = new Date(clock.now()).toISOString()
    const times = { created_at: now, updated_at: now }
    const verdicts = await places.insertMany([...claims].map(([id, place]) => ({ id, place, ...times })))
    return placesOf(
      places,
      [...claims.keys()].filter((_, index) => !verdicts[index]!.ok),
    )
  }
  const judge = (events: readonly Placed[]) => repeatsAmong(events, options.identityOf, claim)

  return {
    async among(events) {
      const own = events.filter((event) => event.topic === topic)
      return own.length === 0 ? new Set() : recent(own, judge)
    },
    sweep() {
      return removeInSteps(places, 'created', new Date(clock.now() - KEPT_MS).toISOString())
    },
  }
}

/**
 * For a comparison, which may not write: goes by the places that are stored, and beyond seven days by what it has met
 * itself, as far as memory allows.
 */
export function lookForRepeats(options: FirstPlacesOptions): Repeats {
  const { storage, topic, identityOf } = options
  const places = storage.collection(FIRST_PLACES)
  const met = new LRUCache<string, string>({ max: LOOKED_AT })

  const look: Claim = async (claims) => {
    const known = await placesOf(places, [...claims.keys()])
    for (const [id, place] of claims) {
      if (known.has(id)) continue
      const before = met.get(id)
      if (before === undefined) met.set(id, place)
      else known.set(id, before)
    }
    return known
  }
  return {
    among: (events) =>
      repeatsAmong(
        events.filter((event) => event.topic === topic),
        identityOf,
        look,
      ),
  }
}

async function repeatsAmong(
  events: readonly Placed[],
  identityOf: FirstPlacesOptions['identityOf'],
  claim: Claim,
): Promise<ReadonlySet<Placed>> {
  if (events.length === 0) return new Set()
  const ids = events.map(({ event }) => idOf(identityOf(event)))
  const claims = new Map<string, string>()
  for (const [index, id] of ids.entries()) if (!claims.has(id)) claims.set(id, placeOf(events[index]!))
  const before = await claim(claims)
  return new Set(
    events.filter((event, index) => {
      const first = before.get(ids[index]!) ?? claims.get(ids[index]!)
      return first !== placeOf(event)
    }),
  )
}

async function placesOf(
  places: Collection<FirstPlace>,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (let from = 0; from < ids.length; from += READ_AT_ONCE) {
    const part = await places.getMany(ids.slice(from, from + READ_AT_ONCE))
    for (const { id, place } of part) found.set(id, place)
  }
  return found
}

function idOf({ at_ms, text }: Identity): string {
  const time = at_ms.toString(36).padStart(TIME_CHARACTERS, '0')
  return `${time}${hash('sha256', text, 'base64url').slice(0, HASH_CHARACTERS)}`
}

function placeOf({ partition, offset }: Placed): string {
  return `${partition}/${offset}`
}

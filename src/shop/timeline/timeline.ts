import { isRefusal } from '../../kernel/errors.ts'
import { firstOf, pagesOf } from '../../storage/list-all.ts'
import type { Position, Storage } from '../../storage/storage.ts'
import type { AppendReaction } from '../../stream/reaction.ts'
import type { PersonalPart } from '../persons/schema.ts'
import type { Gone } from '../users/users.ts'
import { merged, toldEvent, toldItem, toldToPerson, withoutVisit } from './rules.ts'
import {
  type EventSource,
  type TimelineItem,
  type TimelineQuery,
  TOLD_EVENTS,
  TOLD_TOPICS,
  type ToldEvent,
} from './schema.ts'

const PAGE = 100

export interface TimelineOptions {
  storage: Pick<Storage, 'collection'>
  gone: Pick<Gone, 'events'>
  /** The clickstream as the log's engine lets it be asked for; undefined where the shop does not keep it. */
  visits: EventSource | undefined
  /** Which users these visitors turned out to be. */
  usersOf(visitors: readonly string[]): Promise<ReadonlyMap<string, string>>
}

export interface Timeline extends Required<PersonalPart> {
  reaction: AppendReaction
  /** What the log tells of a visitor, a user, a session or an order: newest first, a moment behind. */
  list(query: TimelineQuery): Promise<{ items: TimelineItem[]; next: Position | null }>
  /** What the log tells of a person, oldest first: sign-ins, orders, payments. */
  known(user_id: string): AsyncIterable<object>
  /** Takes out with which visits and sessions the person did it. */
  forget(user_id: string): Promise<void>
}

/** Reads the log by whom it is about: what consumers keep of it, fetched from wherever it lies. */
export function createTimeline({ storage, gone, visits, usersOf }: TimelineOptions): Timeline {
  const told = storage.collection(TOLD_EVENTS)

  async function domainEvents({ of, key, ...page }: TimelineQuery): Promise<TimelineItem[]> {
    const found = await firstOf(told, { index: of, equal: [key], order: 'desc', ...page })
    return found.map(toldItem)
  }

  /** A visitor who signed in is told backwards. */
  async function stitched(items: readonly TimelineItem[]): Promise<TimelineItem[]> {
    const unknown = items.flatMap(({ user_id, anonymous_id }) =>
      user_id === null && anonymous_id !== null ? [anonymous_id] : [],
    )
    if (unknown.length === 0) return [...items]
    const users = await usersOf([...new Set(unknown)])
    return items.map((item) => ({
      ...item,
      user_id: item.user_id ?? users.get(item.anonymous_id ?? '') ?? null,
    }))
  }

  const toldOf = (user_id: string) => pagesOf(told, { index: 'user', equal: [user_id], limit: PAGE })

  async function clear(event: ToldEvent): Promise<void> {
    const cleared = withoutVisit(event)
    if (!cleared) return
    try {
      await told.replace(cleared)
    } catch (error) {
      // Another node clears it as well; nobody else changes what was told.
      if (!isRefusal(error, 'version_moved')) throw error
    }
  }

  return {
    reaction: {
      kind: 'append',
      name: TOLD_EVENTS.name,
      topics: TOLD_TOPICS,
      async handle(events, places) {
        const left = await gone.events(events)
        await told.insertMany(
          events.map((event, index) => {
            const kept = toldEvent(event, places[index]!.topic)
            return left.has(event) ? (withoutVisit(kept) ?? kept) : kept
          }),
        )
      },
    },
    known: async function* (user_id) {
      for await (const page of toldOf(user_id)) yield* page.map(toldToPerson)
    },
    async forget(user_id) {
      for await (const page of toldOf(user_id)) await Promise.all(page.map(clear))
    },
    async list(query) {
      // One more tells whether there is another page.
      const wider = { ...query, limit: query.limit + 1 }
      const lists = await Promise.all([domainEvents(wider), visits ? visits.list(wider) : []])
      const found = merged(lists, wider.limit)
      const items = await stitched(found.slice(0, query.limit))
      const last = items.at(-1)
      return { items, next: found.length > items.length && last ? { value: last.time, id: last.id } : null }
    },
  }
}

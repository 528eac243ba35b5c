import { Refusal } from '../../kernel/errors.ts'
import type { CloudEvent, Topic } from '../../kernel/event.ts'
import {
  type New,
  TIMELINES,
  type TimelineFilter,
  type TimelineItem,
  type TimelineOf,
  type ToldEvent,
} from './schema.ts'

/** The one thing whose timeline is asked for. Throws `malformed` for none and for several. */
export function askedFor(filter: TimelineFilter): { of: TimelineOf; key: string } {
  const given = TIMELINES.flatMap((of) => (filter[of] === undefined ? [] : [{ of, key: filter[of] }]))
  if (given.length === 1) return given[0]!
  throw new Refusal('malformed', 'one_timeline', 'Ask for one of visitor, user, session and order.')
}

/** A domain event as it is kept. */
export function toldEvent(event: CloudEvent, topic: Topic): New<ToldEvent> {
  const { anonymous_id, user_id, session_id, order_id } = event.data as Record<string, unknown>
  const keys = Object.entries({ anonymous_id, user_id, session_id, order_id }).filter(
    ([, key]) => typeof key === 'string' && key !== '',
  )
  // One form, whoever produced it: lists are ordered by its text.
  const time = new Date(event.time).toISOString()
  return {
    ...{ id: event.id, topic, type: event.type, time, subject: event.subject, actor: event.actor },
    ...Object.fromEntries(keys),
    data: JSON.stringify(event.data),
    created_at: time,
    updated_at: time,
  }
}

/** What stays of it when its person is erased: the visit that it links to them goes. Undefined where there is none. */
export function withoutVisit<Told extends New<ToldEvent>>(told: Told): Told | undefined {
  const { anonymous_id, session_id, ...kept } = told
  if (anonymous_id === undefined && session_id === undefined) return undefined
  const { anonymous_id: _, session_id: __, ...data } = JSON.parse(told.data) as Record<string, unknown>
  return { ...kept, data: JSON.stringify(data) } as Told
}

/** A kept event as its person may read it. */
export function toldToPerson({ type, time, data }: ToldEvent): object {
  return { type, time, ...(JSON.parse(data) as object) }
}

/** A kept event as it is shown. */
export function toldItem(told: ToldEvent): TimelineItem {
  const { id, topic, type, time, actor, data } = told
  const { anonymous_id = null, user_id = null, session_id = null, order_id = null } = told
  return {
    ...{ id, topic, type, time, actor, anonymous_id, user_id, session_id, order_id },
    data: JSON.parse(data) as Record<string, unknown>,
  }
}

/** Items of several sources in one order, newest first. */
export function merged(lists: readonly (readonly TimelineItem[])[], limit: number): TimelineItem[] {
  return lists.flat().sort(newestFirst).slice(0, limit)
}

function newestFirst(a: TimelineItem, b: TimelineItem): number {
  if (a.time !== b.time) return a.time < b.time ? 1 : -1
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0
}

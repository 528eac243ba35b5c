import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import type { CloudEvent } from '../../kernel/event.ts'
import { removeInSteps } from '../../storage/remove-in-steps.ts'
import type { Page, Position, Storage } from '../../storage/storage.ts'
import type { AppendReaction } from '../../stream/reaction.ts'
import { ClickstreamData } from './events-schema.ts'
import { KEPT_EVENTS, type KeptEvent, type New } from './kept-schema.ts'
import { CLICKSTREAM_TOPIC, MAX_ID_LENGTH } from './schema.ts'

export const KEPT_EVENTS_GROUP = 'events'
export const KEPT_EVENTS_TOPICS = [CLICKSTREAM_TOPIC] as const
const PAGE = 100

export interface KeptEventsOptions {
  storage: Pick<Storage, 'collection'>
  clock: Clock
  retention_seconds: number
}

/**
 * The clickstream by visitor, user, session or order, for a shop whose log is Kafka. (The embedded log is read
 * itself.) Filled by event id, so that a repeat is harmless.
 */
export function createKeptEvents({ storage, clock, retention_seconds }: KeptEventsOptions) {
  const events = storage.collection(KEPT_EVENTS)
  const validator = Compile(ClickstreamData)

  function kept(event: CloudEvent): New<KeptEvent> {
    if (!validator.Check(event.data)) {
      const [fault] = validator.Errors(event.data)
      throw new Error(`the data of a ${event.type} does not fit: ${fault?.instancePath} ${fault?.message}`)
    }
    const { anonymous_id, user_id, session_id, received_at, properties } = event.data
    const order_id = properties?.order_id
    // One form, whoever produced it: lists are ordered by its text.
    const time = new Date(event.time).toISOString()
    return {
      ...{ id: event.id, type: event.type, time, anonymous_id, received_at },
      ...(user_id !== undefined && { user_id }),
      ...(session_id !== undefined && { session_id }),
      ...(typeof order_id === 'string' && order_id.length <= MAX_ID_LENGTH && { order_id }),
      data: JSON.stringify(event.data),
      created_at: time,
      updated_at: time,
    }
  }

  const reaction: AppendReaction = {
    kind: 'append',
    name: KEPT_EVENTS_GROUP,
    topics: KEPT_EVENTS_TOPICS,
    async handle(given) {
      await events.insertMany(given.map(kept))
    },
  }

  async function pageOf(user_id: string, after?: Position): Promise<Page<KeptEvent>> {
    return events.list({ index: 'user', equal: [user_id], limit: PAGE, ...(after && { after }) })
  }

  return {
    reaction,
    /** What a person did while signed in, oldest first. */
    known: async function* (user_id: string): AsyncGenerator<object> {
      let page = await pageOf(user_id)
      for (;;) {
        for (const { type, time, data } of page.items) yield { type, time, ...JSON.parse(data) }
        if (!page.next) return
        page = await pageOf(user_id, page.next)
      }
    },
    /** Removes it. */
    async forget(user_id: string): Promise<void> {
      for (;;) {
        const { items, next } = await pageOf(user_id)
        await Promise.all(items.map(({ id, version }) => events.remove(id, version)))
        if (!next) return
      }
    },
    /** Removes what is older than the retention; says how many went. */
    sweep(): Promise<number> {
      return removeInSteps(
        events,
        'received',
        new Date(clock.now() - retention_seconds * 1_000).toISOString(),
      )
    },
  }
}

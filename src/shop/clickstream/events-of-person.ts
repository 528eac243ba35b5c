import type { CloudEvent } from '../../kernel/event.ts'
import { pagesOf } from '../../storage/list-all.ts'
import type { Collection, Stored } from '../../storage/storage.ts'
import type { PersonalPart } from '../persons/schema.ts'

const PAGE = 100

interface EventsOfPersonNeeds<T extends Stored> {
  /** By whom they are about; `user` is an index of it. */
  kept: Pick<Collection<T>, 'list' | 'remove'>
  /** The event itself; undefined where the log has it no longer. */
  eventOf(kept: T): Promise<Pick<CloudEvent, 'type' | 'time' | 'data'> | undefined>
}

/** What a person did while signed in, in whichever way the shop keeps it. */
export function createEventsOfPerson<T extends Stored>({ kept, eventOf }: EventsOfPersonNeeds<T>) {
  const eventsOf = (user_id: string) => pagesOf(kept, { index: 'user', equal: [user_id], limit: PAGE })

  return {
    /** Oldest first. */
    known: async function* (user_id: string): AsyncGenerator<object> {
      for await (const page of eventsOf(user_id)) {
        for (const event of await Promise.all(page.map(eventOf)))
          if (event) yield { type: event.type, time: event.time, ...(event.data as object) }
      }
    },
    async forget(user_id: string): Promise<void> {
      for await (const page of eventsOf(user_id))
        await Promise.all(page.map(({ id, version }) => kept.remove(id, version)))
    },
  } satisfies PersonalPart
}

import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

/** Where an event of the clickstream stands in the log, by whom it is about; the id is the event's. */
export interface EventPlace extends Stored {
  time: string
  anonymous_id: string
  user_id?: string
  session_id?: string
  /** What a shop's own event names under `properties.order_id`. */
  order_id?: string
  received_at: string
  partition: number
  offset: number
}

export const EVENT_PLACES: CollectionDefinition<EventPlace> = {
  name: 'event_places',
  indexes: {
    visitor: { fields: ['anonymous_id', 'time'] },
    user: { fields: ['user_id', 'time'] },
    session: { fields: ['session_id', 'time'] },
    order: { fields: ['order_id', 'time'] },
    received: { fields: ['received_at'] },
  },
}

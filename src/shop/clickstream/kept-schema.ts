import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export type { New } from '../../storage/storage.ts'

/** An event of the clickstream as staff ask for it; the id is the event's. */
export interface KeptEvent extends Stored {
  type: string
  /** When it happened. */
  time: string
  anonymous_id: string
  user_id?: string
  session_id?: string
  /** What a shop's own event names under `properties.order_id`. */
  order_id?: string
  received_at: string
  /** All that the event tells, as JSON text: visitors choose the names in it, and some of those no database would take. */
  data: string
}

export const KEPT_EVENTS: CollectionDefinition<KeptEvent> = {
  name: 'events',
  indexes: {
    visitor: { fields: ['anonymous_id', 'time'] },
    user: { fields: ['user_id', 'time'] },
    session: { fields: ['session_id', 'time'] },
    order: { fields: ['order_id', 'time'] },
    received: { fields: ['received_at'] },
  },
}

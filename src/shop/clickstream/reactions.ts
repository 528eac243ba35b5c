import type { RollUpReaction } from '../../stream/reaction.ts'
import { CLICKSTREAM_TOPIC, VISITORS, type VisitorFigures } from './schema.ts'

/**
 * Stitches visitors to users: the first user that an event of the visitor was sent by, for good. Told by the
 * events alone, so it can be built again, and readers may apply it to what the visitor did before.
 */
export const visitorsReaction: RollUpReaction<VisitorFigures> = {
  kind: 'roll-up',
  name: VISITORS,
  topics: [CLICKSTREAM_TOPIC],
  ids(event) {
    const { anonymous_id, user_id } = event.data as { anonymous_id: string; user_id?: string }
    return user_id === undefined ? [] : [anonymous_id]
  },
  empty: () => ({ user_id: null, since: null }),
  apply(visitor, _id, event) {
    if (visitor.user_id !== null) return
    visitor.user_id = (event.data as { user_id: string }).user_id
    visitor.since = (event.data as { received_at: string }).received_at
  },
}

import type { CloudEvent } from '../../kernel/event.ts'
import { timeOfId } from './time-rules.ts'

interface Told {
  event_id?: string
  client_timestamp?: string
}

/**
 * What makes two records of the clickstream the same event: the visitor's own id with the time that belongs to it, as the
 * embedded log counts ids; else the id of the record, which is the same wherever the shop sent it again.
 */
export function identityOf({ id, time, partitionkey, data }: CloudEvent): { at_ms: number; text: string } {
  const { event_id, client_timestamp } = (data ?? {}) as Told
  if (typeof event_id === 'string') {
    const at_ms = timeOfId(event_id) ?? Date.parse(client_timestamp ?? '')
    if (Number.isFinite(at_ms)) return { at_ms, text: `${partitionkey.length}:${partitionkey}${event_id}` }
  }
  return { at_ms: Date.parse(time), text: id }
}

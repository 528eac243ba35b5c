import type { EventFact, Facts } from './check/facts.ts'
import type { Attempt } from './history.ts'

/** A record as it lies in Kafka; a copy is the same record at another offset. */
export function record(given: Partial<EventFact>): EventFact {
  const event = {
    topic: 'ecommerce-orders',
    partition: 3,
    offset: 0,
    key: 'ord_1',
    id: 'evt_1',
    type: 'order_updated',
    subject: 'orders/ord_1',
    sequence: 1,
    time: '2026-11-23T10:00:00.000Z',
    data: {},
    ...given,
  }
  const { offset: _, partition: __, topic: ___, ...all } = event
  return { ...event, text: given.text ?? JSON.stringify(all) }
}

/** The records of one order in one partition, by their sequences: 1, 2, 2, 3 holds a copy. */
export function recordsOfOrder(sequences: readonly number[]): EventFact[] {
  return sequences.map((sequence, offset) => record({ sequence, offset, id: `evt_${sequence}` }))
}

/** A batch of clickstream that was sent with this outcome, and the records it became. */
export function visit(ids: readonly string[], outcome: Attempt['outcome'] = 'ok'): Attempt {
  return { kind: 'events', principal: 'visitor', key: 'k', request: ids, outcome, status: 202, text: '' }
}

export function clickOf(event_id: string, given: Partial<EventFact> = {}): EventFact {
  return record({
    topic: 'ecommerce-clickstream',
    key: 'visitor',
    subject: 'visitors/visitor',
    type: 'view_product',
    sequence: 0,
    id: `evt_${event_id}`,
    data: { event_id },
    ...given,
  })
}

/** Facts of a log that may repeat, beside an empty storage. */
export function factsOf(records: EventFact[], given: Partial<Facts> = {}): Facts {
  return {
    orders: [],
    stock: [],
    reservations: [],
    products: [],
    carts: [],
    users: [],
    sessions: [],
    outbox: [],
    inbox: [],
    mails: [],
    provider: { objects: [], operations: [], notices: [], forgeries: [] },
    repeats: true,
    records,
    ...given,
  }
}

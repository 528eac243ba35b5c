import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { firstCopies, type Republished, republishedIn } from './check/copies.ts'
import type { Facts } from './check/facts.ts'
import { logViolations } from './check/log.ts'
import { mailViolations } from './check/mails.ts'
import { type Stats, statsViolations } from './check/stats.ts'
import { webhookViolations } from './check/webhooks.ts'
import { clickOf, factsOf, record, recordsOfOrder, visit } from './made-facts.ts'

const NO_MONEY = { objects: [], operations: [] }
const NONE: Republished = { events: new Map(), door: 0 }
const NAME = 'ecommerce-orders/orders/ord_1'
const AGAIN = republishedIn([
  `\n{"level":40,"reason":"start","events":["${NAME}/2","${NAME}/3"],"msg":"events are sent again"}\n{"level":40,"events":["${NAME}/1`,
])

/** Hand-made facts of one order, whose document says how many events it told. */
function ofOrder(sequences: readonly number[], told = Math.max(...sequences)): Facts {
  const order = {
    id: 'ord_1',
    version: 1,
    sequences: { 'ecommerce-orders': told },
  } as unknown as Facts['orders'][number]
  return factsOf(recordsOfOrder(sequences), { orders: [order] })
}

describe('the checker, over a log that may repeat,', () => {
  test('finds nothing where every event is first told in order and copies were announced', () => {
    assert.deepEqual(logViolations(ofOrder([1, 2, 3]), [], NONE), [])
    assert.deepEqual(logViolations(ofOrder([1, 2, 3, 2, 3]), [], AGAIN), [])
  })

  const FAULTS: [what: string, facts: Facts, reported: RegExp][] = [
    ['a copy that nobody announced', ofOrder([1, 1, 2]), /^I19: .*\/1 is 1 times too often .* 0 were said/],
    ['more copies than were announced', ofOrder([1, 2, 2, 2]), /^I19: .*\/2 is 2 times too often .* 1 were/],
    ['an event that is missing', ofOrder([1, 3]), /^I16\/I17: .* has event 3 where 2 belongs/],
    ['an event that a later one overtook', ofOrder([1, 3, 2, 3]), /^I16\/I17: .* event 3 where 2 belongs/],
    ['a last event that is missing', ofOrder([1, 2], 3), /^I17: .* told 3 events, the log has 2/],
    ['an event too many', ofOrder([1, 2, 3], 2), /^I18: .* told 2 events, the log has 3/],
    ['a subject that does not exist', factsOf(recordsOfOrder([1])), /^I18: .* does not exist/],
    [
      'a copy that differs in a byte',
      factsOf([record({}), record({ offset: 1, text: 'another' })]),
      /^I17: the copies of .* at 0 and 1 differ/,
    ],
    [
      'a copy in another partition',
      factsOf([record({}), record({ partition: 5 })]),
      /^I16: .* lies in partitions 3, 5/,
    ],
    ['a gap of the offsets', factsOf([record({}), record({ offset: 2 })]), /^I16: the offsets of .* at 2/],
    ['a record that is no event', factsOf([record({ sequence: Number.NaN })]), /^I18: .* has no event at 0/],
    [
      'an event that still waits',
      factsOf([], { outbox: [`${NAME}/4`] }),
      /^I20: 1 events are still in the outbox, first .*\/4/,
    ],
  ]
  for (const [what, facts, reported] of FAULTS) {
    test(`reports ${what}`, () => {
      const violations = logViolations(facts, [], AGAIN)
      assert.ok(
        violations.some((violation) => reported.test(violation)),
        violations.join('; '),
      )
    })
  }

  test('takes clickstream that a visitor sent twice for two entries, and each entry for one sending', () => {
    const twice = [clickOf('a'), clickOf('a', { id: 'evt_again', offset: 1 })]
    const attempts = [visit(['a'], 'unknown'), visit(['a'])]
    assert.deepEqual(logViolations(factsOf(twice), attempts, NONE), [])
    assert.match(logViolations(factsOf(twice), [visit(['a'])], NONE).join(), /^I19: .* taken 2 times/)
    const copied = [clickOf('a'), clickOf('a', { offset: 1 })]
    assert.match(
      logViolations(factsOf(copied), attempts, NONE).join(),
      /^I19: the log has 1 copies .* 0 were/,
    )
    assert.deepEqual(logViolations(factsOf(copied), attempts, { ...NONE, door: 1 }), [])
    assert.match(
      logViolations(factsOf([clickOf('a'), clickOf('a', { text: 'b', offset: 1 })]), attempts, AGAIN).join(),
      /^I17: the copies of the clickstream event evt_a differ/,
    )
  })

  test('reports clickstream that was acknowledged and is gone, and clickstream that nobody sent', () => {
    assert.match(logViolations(factsOf([]), [visit(['a'])], NONE).join(), /^I17: .* is not in the log/)
    assert.match(logViolations(factsOf([clickOf('a')]), [], NONE).join(), /^I18: .* sent by nobody/)
    assert.deepEqual(logViolations(factsOf([]), [visit(['a'], 'unknown')], NONE), [])
  })

  test('takes a notice that waits, that came late and that was looked at twice for right, and reports the rest', () => {
    const taken = { id: 'test:tpn_1', version: 2, tries: 0, outcome: 'known', notice: { id: 'tpn_1' } }
    const told = { id: 'tpn_1', body: '{"id":"tpn_1"}', copies: 0 }
    const of = (inbox: Facts['inbox'], notices = [told], forgeries: Facts['provider']['forgeries'] = []) =>
      webhookViolations(factsOf([], { inbox, provider: { ...NO_MONEY, notices, forgeries } })).join()
    assert.equal(of([taken]), '')
    assert.equal(of([{ ...taken, version: 4, tries: 2 }]), '')
    assert.equal(of([], [{ ...told, copies: 1 }], [{ notice: 'tpn_1', status: 400 }]), '')
    assert.match(of([taken, { ...taken, id: 'test:again' }]), /^I21: .* 2 times in the inbox/)
    assert.match(of([taken], []), /^I21: .* told by nobody/)
    assert.match(
      of([taken], [{ ...told, body: '{"id":"tpn_1","object":1}' }]),
      /^I21: .* not what the provider/,
    )
    assert.match(of([]), /^I21: .* acknowledged and is gone/)
    assert.match(of([{ ...taken, version: 3 }]), /^I21: .* changed 2 times in 1 looks/)
    assert.match(of([{ ...taken, outcome: 'mismatch' }]), /^I21: .* came to mismatch/)
    assert.match(of([taken], [told], [{ notice: 'tpn_1', status: 204 }]), /^I21: a forged tpn_1/)
  })

  test('holds mails to the orders that they are about, and to the log', () => {
    const history = ['pending', 'confirmed', 'cancelled'].map((status) => ({ status }))
    const order = { id: 'ord_1', version: 1, history } as Facts['orders'][number]
    const refund = record({ type: 'payment_refunded' })
    const mail = (kind: string, message_id = kind) => ({
      id: kind,
      version: 1,
      kind,
      message_id,
      order_id: 'ord_1',
    })
    const mails = [mail('order_confirmed'), mail('order_cancelled'), mail('order_refunded')]
    const of = (given: Facts['mails'], records = [refund]) =>
      mailViolations(factsOf(records, { orders: [order], mails: given })).join()
    assert.equal(of(mails), '')
    assert.match(of(mails.slice(1)), /^I25: ord_1 has 0 mails order_confirmed, and should have 1/)
    assert.match(of(mails.slice(0, 2)), /^I25: ord_1 has 0 mails order_refunded, and should have 1/)
    assert.match(of(mails, []), /^I25: ord_1 has 1 mails order_refunded, and should have 0/)
    assert.match(of([...mails, mail('order_shipped')]), /^I25: ord_1 has 1 mails order_shipped/)
    assert.match(of([...mails, mail('welcome', 'order_confirmed')]), /^I25: 2 mails have the Message-ID/)
    assert.match(of([{ ...mail('welcome'), order_id: 'ord_2' }, ...mails]), /^I25: .* about ord_2, which/)
  })

  test('counts an event once, however often the log has it, and compares with the figures of staff', () => {
    const data = { status: 'confirmed', total: { amount: 250, currency: 'USD' } }
    const records = [
      record({ type: 'order_created', data }),
      record({ type: 'order_created', data, offset: 1 }),
      clickOf('a'),
      clickOf('a', { id: 'evt_again', offset: 1, time: '2026-11-23T10:00:01.000Z' }),
    ]
    const facts = factsOf(firstCopies(records))
    const stats: Stats = {
      as_of: '2026-11-23T10:00:00.000Z',
      events: { by_type: { order_created: 1, view_product: 1 } },
      orders: { by_status: { confirmed: 1 } },
      revenue: [{ currency: 'USD', amount: 250, orders: 1 }],
      users: { by_role: {}, new: 0 },
      products: { total: 0, active: 0, low_stock: 0 },
    }
    assert.deepEqual(statsViolations(facts, stats), [])
    const doubled = { ...stats, events: { by_type: { order_created: 1, view_product: 2 } } }
    assert.deepEqual(statsViolations(facts, doubled), [
      'I20: the stats say 2 events of view_product, the log 1',
    ])
  })
})

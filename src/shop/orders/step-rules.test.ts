import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sequenced } from '../../kernel/event.ts'
import { cancelled, changedByStaff, rejected } from './change-rules.ts'
import { pendingOrder } from './placing-rules.ts'
import type { AddressedOrder } from './requests-schema.ts'
import type { Order, OrderLine } from './schema.ts'
import type { OrderStep } from './status-schema.ts'
import { type Commit, isDriven, type Mark, moveOn, rests } from './step-rules.ts'
import { asAnswered, orderView } from './view-rules.ts'

const CANARY = 'Canary'
const ADDRESS = {
  name: CANARY,
  line1: CANARY,
  city: CANARY,
  postal_code: CANARY,
  country: 'GB',
  phone: CANARY,
}
const REQUEST: AddressedOrder = {
  shipping_address: ADDRESS,
  payment_method: 'cash_on_delivery',
  note: CANARY,
}
const LINE: OrderLine = {
  product_id: 'prd_1',
  sku: 'A',
  name: CANARY,
  options: {},
  quantity: 2,
  unit_price: 150,
  line_total: 300,
  product_version: 4,
}
const STAFF = { by: 'usr_staff', staff: true as const, note: CANARY }

let ticks = 0
function mark(): Mark {
  ticks++
  const now = Date.UTC(2026, 0, 1) + ticks
  return {
    now,
    at: new Date(now).toISOString(),
    owner: 'start-1',
    alone: true,
    newEventId: () => `evt_${ticks}`,
    newPaymentId: () => `pay_${ticks}`,
    hold_ms: 1_800_000,
  }
}

function placed(): Order {
  const seed = {
    id: 'ord_1',
    number: 'ABCDEFGH',
    user_id: 'usr_1',
    request: REQUEST,
    currency: 'USD',
    lines: [LINE],
    charges: { shipping: 0, tax: 0, tax_included: 0, tax_rate_ppm: 0, total: LINE.line_total },
  }
  const keyed = { ...seed, idem: { key: 'k', fingerprint: 'f' }, cart_claim: 'crt_1@3' }
  return { ...pendingOrder(keyed, mark()), version: 1 } as Order
}

/** Does what the storage does: raises the version and counts the events. */
function store({ document, events }: Commit): { order: Order; types: string[] } {
  const sequences = { 'ecommerce-orders': (document.sequences?.['ecommerce-orders'] ?? 0) + events.length }
  const texts = events.map((draft) => sequenced(draft, 1).json).join()
  assert.ok(!texts.includes(CANARY), `an event tells what is personal: ${texts}`)
  return {
    order: { ...document, version: document.version + 1, sequences },
    types: events.map(({ type }) => type),
  }
}

function driven(order: Order, ...steps: OrderStep[]): Order {
  return steps.reduce((at, to) => store(moveOn(at, to, mark())).order, order)
}

test('an order is told at CONFIRMED, with its lines and nothing personal', () => {
  const reserved = driven(placed(), 'RESERVED')
  const commit = moveOn(reserved, 'CONFIRMED', mark())
  assert.deepEqual(store(commit).types, ['order_created'])
  const data = commit.events[0]!.data as { country: string; item_count: number; lines: unknown[] }
  assert.equal(data.country, 'GB')
  assert.equal(data.item_count, 2)
  assert.equal(data.lines.length, 1)
})

test('what was RESERVED and cancelled before it was told is told as made and cancelled at once', () => {
  const wish = { by: 'usr_1', operation: 'op_1' }
  const cancelling = store(cancelled(driven(placed(), 'RESERVED'), wish, mark())).order
  assert.equal(cancelling.step, 'CANCELLING')
  assert.equal(cancelling.cart_claim, 'crt_1@3')
  const { order, types } = store(moveOn(cancelling, 'CANCELLED', mark()))
  assert.deepEqual(types, ['order_created', 'order_cancelled'])
  assert.ok(rests(order) && order.lease === undefined)
  assert.equal(orderView(asAnswered(order), { staff: false }).status, 'pending')
})

test('what never was RESERVED tells no one and gives its cart back, but not its key', () => {
  const refusal = { kind: 'conflict' as const, code: 'insufficient_stock', message: '' }
  const short = store(rejected(placed(), { reason: 'out_of_stock', refusal }, mark())).order
  const { order, types } = store(moveOn(short, 'CANCELLED', mark()))
  assert.deepEqual(types, [])
  assert.deepEqual([order.cart_claim, order.placed_at, order.idem?.key], [undefined, undefined, 'k'])
  const busy = rejected(placed(), { reason: 'unavailable', refusal }, mark()).document
  assert.equal(busy.idem, undefined)
})

test('a cancel between CONFIRMED and COMMITTED waits, stops staff, and is taken up', () => {
  const confirmed = driven(placed(), 'RESERVED', 'CONFIRMED')
  const wished = store(cancelled(confirmed, { ...STAFF, operation: 'op_1' }, mark())).order
  assert.equal(wished.step, 'CONFIRMED')
  assert.throws(() => changedByStaff(wished, { status: 'processing' }, STAFF, mark()), /cannot become/)
  const committed = driven(wished, 'COMMITTED')
  assert.ok(!rests(committed) && committed.lease)
  const { order, types } = store(moveOn(driven(committed, 'REVERSING'), 'REVERSED', mark()))
  assert.deepEqual(types, ['order_cancelled'])
  assert.deepEqual(orderView(order, { staff: true }).history.at(-1), {
    from: 'confirmed',
    to: 'cancelled',
    at: order.updated_at,
    by: STAFF.by,
    note: CANARY,
  })
  assert.equal(orderView(order, { staff: false }).history.at(-1)!.by, 'staff')
  assert.equal(orderView(order, { staff: false }).history.at(-1)!.note, null)
})

test('whatever happens to an order, its first answer stays the same', () => {
  const confirmed = driven(placed(), 'RESERVED', 'CONFIRMED')
  const first = JSON.stringify(orderView(asAnswered(confirmed), { staff: false }))
  assert.equal(JSON.stringify(orderView(confirmed, { staff: false })), first)
  let order = driven(confirmed, 'COMMITTED')
  for (const change of [
    { status: 'processing' },
    { tracking: { number: '1' } },
    { note: 'n' },
    { status: 'shipped' },
  ] as const) {
    order = store(changedByStaff(order, change, STAFF, mark())).order
    assert.equal(JSON.stringify(orderView(asAnswered(order), { staff: false })), first)
  }
  assert.equal(order.status, 'shipped')
  assert.throws(() => cancelled(order, { by: 'usr_1', operation: 'op_2' }, mark()), /cannot become cancelled/)
})

test('a lease of another start is void, one of this start until it runs out', () => {
  const { lease } = placed()
  const driven = (owner: string, now: number, alone: boolean) => isDriven({ lease }, { owner, now, alone })
  assert.ok(driven('start-1', lease!.until - 1, true))
  assert.ok(!driven('start-1', lease!.until, true))
  assert.ok(!driven('start-2', lease!.until - 1, true), 'an earlier start of the only process is over')
  assert.ok(driven('start-2', lease!.until - 1, false), 'another node may be at work')
  assert.ok(!driven('start-2', lease!.until, false))
  assert.ok(!driven('start-2', lease!.until - 3_600_000, false), 'the clock was put back')
})

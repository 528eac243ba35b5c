import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ORDER_STATUSES, type OrderStatus, type OrderStep } from './status-schema.ts'
import { allowedTransitions } from './step-rules.ts'
import { CARD_STEPS, CASH_STEPS, STATUS_GRAPH, type Steps } from './steps.ts'

const TABLES: [name: string, steps: Steps][] = [
  ['cash on delivery', CASH_STEPS],
  ['card', CARD_STEPS],
]

function successors(steps: Steps, step: OrderStep): OrderStep[] {
  const { next, refused, cancel } = steps[step]!
  return [next, refused, cancel === 'noted' ? undefined : cancel].filter((to) => to !== undefined)
}

for (const [name, steps] of TABLES) {
  test(`by ${name}: every step is reached from PENDING, and every one leads to rest`, () => {
    const all = Object.keys(steps) as OrderStep[]
    const reached = new Set<OrderStep>(['PENDING'])
    for (const step of reached) for (const to of successors(steps, step)) reached.add(to)
    assert.deepEqual([...reached].sort(), all.sort())
    for (const step of all) {
      let at: OrderStep = step
      for (let moves = 0; steps[at]!.next !== undefined; moves++) {
        assert.ok(moves < all.length, `${step} leads round in circles`)
        at = steps[at]!.next as OrderStep
      }
    }
  })

  test(`by ${name}: steps move the status only along the graph of statuses`, () => {
    const follow = (step: OrderStep, status: OrderStatus, path: string) => {
      for (const to of successors(steps, step)) {
        const after = steps[to]!.status ?? status
        const known = after === status || after in STATUS_GRAPH[status]
        assert.ok(known, `${path} ${to} makes ${status} into ${after}`)
        follow(to, after, `${path} ${to}`)
      }
    }
    follow('PENDING', 'pending', 'PENDING')
  })
}

const CASH = { payment_method: 'cash_on_delivery' } as const

test('nothing leaves cancelled and returned, and staff cannot confirm in place of the protocol', () => {
  assert.deepEqual(STATUS_GRAPH.cancelled, {})
  assert.deepEqual(STATUS_GRAPH.returned, {})
  assert.deepEqual(allowedTransitions({ ...CASH, step: 'RESERVED', status: 'pending' }), ['cancelled'])
})

test('an order is cancelled until it is shipped, and not twice', () => {
  const at = (step: OrderStep, status: OrderStatus) => allowedTransitions({ ...CASH, step, status })
  assert.deepEqual(at('COMMITTED', 'confirmed'), ['processing', 'cancelled'])
  assert.deepEqual(at('CONFIRMED', 'processing'), ['shipped', 'cancelled'])
  assert.deepEqual(at('COMMITTED', 'shipped'), ['delivered'])
  assert.deepEqual(at('REVERSING', 'confirmed'), [])
  assert.deepEqual(at('CANCELLING', 'pending'), [])
  const requested = { at: '', by: 'usr_1' }
  assert.deepEqual(
    allowedTransitions({ ...CASH, step: 'CONFIRMED', status: 'confirmed', cancel_requested: requested }),
    [],
  )
})

test('an order by card is not shipped before its money is taken', () => {
  const at = (step: OrderStep) => allowedTransitions({ payment_method: 'card', step, status: 'processing' })
  assert.deepEqual(at('CONFIRMED'), ['cancelled'])
  assert.deepEqual(at('CAPTURED'), ['shipped', 'cancelled'])
  assert.deepEqual(at('COMMITTED'), ['shipped', 'cancelled'])
})

test('docs/checkout.md has all tables as the code has them', () => {
  const page = readFileSync(new URL('../../../docs/checkout.md', import.meta.url), 'utf8')
  for (const [name, steps] of TABLES) {
    for (const [step, rule] of Object.entries(steps)) {
      const { payment, work, next, refused, cancel, status } = rule
      const cells = name === 'card' ? [payment, work] : [work]
      const row = [
        `\`${step}\``,
        ...[...cells, next, refused, cancel, status].map((cell) => (cell ? `\`${cell}\`` : '')),
      ]
      const text = `| ${row.join(' | ')} |`
      assert.ok(page.includes(text), `the row of ${step} by ${name} should read ${text}`)
    }
  }
  for (const status of ORDER_STATUSES) {
    const targets = Object.entries(STATUS_GRAPH[status]).map(([to, mover]) => `\`${to}\` (${mover})`)
    const row = `| \`${status}\` | ${targets.join(', ')} |`
    assert.ok(page.includes(row), `the row of ${status} should read ${row}`)
  }
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ORDER_STATUSES, type OrderStatus, type OrderStep } from './status-schema.ts'
import { allowedTransitions } from './step-rules.ts'
import { STATUS_GRAPH, STEPS } from './steps.ts'

const steps = Object.keys(STEPS) as OrderStep[]

function successors(step: OrderStep): OrderStep[] {
  const { next, refused, cancel } = STEPS[step]
  return [next, refused, cancel === 'noted' ? undefined : cancel].filter((to) => to !== undefined)
}

test('every step is reached from PENDING, and every one leads to rest', () => {
  const reached = new Set<OrderStep>(['PENDING'])
  for (const step of reached) for (const to of successors(step)) reached.add(to)
  assert.deepEqual([...reached].sort(), [...steps].sort())
  for (const step of steps) {
    let at: OrderStep = step
    for (let moves = 0; STEPS[at].next !== undefined; moves++) {
      assert.ok(moves < steps.length, `${step} leads round in circles`)
      at = STEPS[at].next as OrderStep
    }
  }
})

test('steps move the status only along the graph of statuses', () => {
  const follow = (step: OrderStep, status: OrderStatus, path: string) => {
    for (const to of successors(step)) {
      const after = STEPS[to].status ?? status
      const known = after === status || after in STATUS_GRAPH[status]
      assert.ok(known, `${path} ${to} makes ${status} into ${after}`)
      follow(to, after, `${path} ${to}`)
    }
  }
  follow('PENDING', 'pending', 'PENDING')
})

test('nothing leaves cancelled and returned, and staff cannot confirm in place of the protocol', () => {
  assert.deepEqual(STATUS_GRAPH.cancelled, {})
  assert.deepEqual(STATUS_GRAPH.returned, {})
  assert.deepEqual(allowedTransitions({ step: 'RESERVED', status: 'pending' }), ['cancelled'])
})

test('an order is cancelled until it is shipped, and not twice', () => {
  const at = (step: OrderStep, status: OrderStatus) => allowedTransitions({ step, status })
  assert.deepEqual(at('COMMITTED', 'confirmed'), ['processing', 'cancelled'])
  assert.deepEqual(at('CONFIRMED', 'processing'), ['shipped', 'cancelled'])
  assert.deepEqual(at('COMMITTED', 'shipped'), ['delivered'])
  assert.deepEqual(at('REVERSING', 'confirmed'), [])
  assert.deepEqual(at('CANCELLING', 'pending'), [])
  const requested = { at: '', by: 'usr_1' }
  assert.deepEqual(
    allowedTransitions({ step: 'CONFIRMED', status: 'confirmed', cancel_requested: requested }),
    [],
  )
})

test('docs/checkout.md has both tables as the code has them', () => {
  const page = readFileSync(new URL('../../../docs/checkout.md', import.meta.url), 'utf8')
  for (const step of steps) {
    const { work, next, refused, cancel, status } = STEPS[step]
    const row = [
      `\`${step}\``,
      ...[work, next, refused, cancel, status].map((cell) => (cell ? `\`${cell}\`` : '')),
    ]
    assert.ok(
      page.includes(`| ${row.join(' | ')} |`),
      `the row of ${step} should read | ${row.join(' | ')} |`,
    )
  }
  for (const status of ORDER_STATUSES) {
    const targets = Object.entries(STATUS_GRAPH[status]).map(([to, mover]) => `\`${to}\` (${mover})`)
    const row = `| \`${status}\` | ${targets.join(', ')} |`
    assert.ok(page.includes(row), `the row of ${status} should read ${row}`)
  }
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { RETURN_STATES, type ReturnState } from './return-schema.ts'
import { RETURN_STEPS } from './return-steps.ts'

test('every state of a return is reached from requested, and none leads back', () => {
  const reached = new Set<ReturnState>()
  const follow = (state: ReturnState, path: ReturnState[]) => {
    assert.ok(!path.includes(state), `${path.join(' ')} leads back to ${state}`)
    reached.add(state)
    for (const next of RETURN_STEPS[state].next) follow(next, [...path, state])
  }
  follow('requested', [])
  assert.deepEqual([...reached].sort(), [...RETURN_STATES].sort())
})

test('goods are put back and money is given back at most once on every way', () => {
  const work = (state: ReturnState): number => {
    const { work: own, payment, next } = RETURN_STEPS[state]
    assert.equal(own === undefined, payment === undefined, 'money is given back for goods that were received')
    return (own ? 1 : 0) + Math.max(0, ...next.map(work))
  }
  assert.equal(work('requested'), 1)
})

test('docs/checkout.md has the table of returns as the code has it', () => {
  const page = readFileSync(new URL('../../../docs/checkout.md', import.meta.url), 'utf8')
  const cell = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ')
  for (const state of RETURN_STATES) {
    const { work, payment, next } = RETURN_STEPS[state]
    const cells = [[state], work ? [work] : [], payment ? [payment] : [], next].map(cell)
    const row = `| ${cells.join(' | ')} |`
    assert.ok(page.includes(row), `the row of ${state} should read ${row}`)
  }
})

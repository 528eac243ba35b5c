import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSuperseded } from './change-rules.ts'
import type { Order } from './schema.ts'

const held = {
  step: 'RESERVED',
  payment_method: 'card',
  cart_claim: 'crt_1@5',
  payment: { provider: 'test', operations: [], captured: 0, refunded: 0 },
} as unknown as Order

test('a later state of the cart takes the place of an unpaid order, the same state does not: that is the same order', () => {
  assert.equal(isSuperseded(held, 'crt_1@6'), true)
  assert.equal(isSuperseded(held, 'crt_1@5'), false)
  assert.equal(isSuperseded(held, 'crt_2@6'), false)
  assert.equal(isSuperseded({ ...held, step: 'COMMITTED' }, 'crt_1@6'), false)
})

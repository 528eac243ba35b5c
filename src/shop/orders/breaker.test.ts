import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '../../kernel/errors.ts'
import { createBreaker } from './breaker.ts'

test('after five silences nothing new is begun, but one now and then, until the provider is heard again', () => {
  let now = 1_000_000
  const breaker = createBreaker({ clock: { now: () => now } })
  const passes = () => {
    try {
      breaker.assertClosed()
      return true
    } catch (error) {
      assert.ok(isRefusal(error, 'payment_provider_away'))
      return false
    }
  }
  for (let silence = 1; silence <= 4; silence++) breaker.silent()
  assert.ok(passes() && breaker.mayAsk())
  breaker.silent()
  assert.deepEqual([passes(), passes()], [false, false])
  now += 5_000
  assert.deepEqual([passes(), passes()], [true, true])
  assert.deepEqual([breaker.mayAsk(), breaker.mayAsk(), passes()], [true, false, false])
  breaker.heard()
  assert.deepEqual([passes(), passes()], [true, true])
  for (let silence = 1; silence <= 5; silence++) breaker.silent()
  assert.deepEqual(passes(), false)
  // The clock was put back.
  now -= 3_600_000
  assert.deepEqual([breaker.mayAsk(), breaker.mayAsk()], [true, false])
})

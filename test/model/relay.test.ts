import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explore } from './explore.ts'
import { type RelayMode, relayModel } from './relay-model.ts'

/** Two relays without a lock, a crash, a publish whose outcome is unknown. */
function faults(mode: RelayMode) {
  const model = relayModel({ mode, events: 2, relays: 2, crashes: 1, timeouts: 1 })
  const { states, violations } = explore(model)
  return { states, duplicates: model.maxDuplicates(), violations: [...violations.keys()].sort() }
}

describe('the model of the relay', () => {
  it('loses and reorders nothing, and repeats a little', () => {
    assert.deepEqual(faults('good'), { states: 3_003, duplicates: 5, violations: [] })
  })

  it('shows a loss when the outbox forgets before the log has confirmed', () => {
    assert.deepEqual(faults('trimFirst').violations, ['event lost', 'out of order'])
  })

  it('shows events out of order when publishes overtake each other', () => {
    assert.deepEqual(faults('pipelined').violations, ['out of order'])
  })

  it('shows a loss when a failing event is skipped', () => {
    assert.deepEqual(faults('skipFailing').violations, ['event lost', 'out of order'])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explore } from './explore.ts'
import { moverModel } from './mover-model.ts'
import type { MoverMode } from './mover-state.ts'

/** Two movers of one document that know nothing of each other, a relay, and a crash where the fault needs one. */
function faults(mode: MoverMode, crashes: number, others = 0) {
  const { states, violations } = explore(
    moverModel({ mode, events: 2, others, movers: 2, relays: 1, crashes }),
  )
  return { states, violations: [...violations.keys()].sort() }
}

describe('the model of the first stage', () => {
  it('loses and reorders nothing, whatever crashes', () => {
    assert.deepEqual(faults('good', 1), { states: 18_019, violations: [] })
  })

  it('loses and reorders nothing when a relay reads ahead and then looks below', () => {
    assert.deepEqual(faults('good', 1, 1), { states: 243_008, violations: [] })
  })

  it('shows events out of order when a relay reads ahead and does not look below', () => {
    assert.deepEqual(faults('aheadUnseen', 0, 1).violations, ['out of order'])
  })

  it('shows events out of order when positions are taken before the document is read', () => {
    assert.deepEqual(faults('positionsFirst', 0).violations, ['out of order'])
  })

  it('shows events out of order when a mover goes on behind an event that another has moved', () => {
    assert.deepEqual(faults('goOn', 0).violations, ['out of order'])
  })

  it('shows a loss when events are taken out that nobody saw in the outbox', () => {
    assert.deepEqual(faults('takeOutUnseen', 1).violations, ['event lost'])
  })

  it('shows a loss when the outbox forgets what came below the last event that was sent', () => {
    assert.deepEqual(faults('forgetThrough', 0).violations, ['event lost'])
  })
})

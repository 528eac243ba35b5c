import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const MODEL = fileURLToPath(new URL('./relay-model.mjs', import.meta.url))

/** Variant, events, relays, crashes, time-outs of a publish. */
function explore(...given: string[]): { states: number; duplicates: number; violations: string } {
  const said = execFileSync(process.execPath, [MODEL, ...given], { encoding: 'utf8' })
  const found = /states (\d+) max duplicates (\d+) violations (.*)\n/.exec(said)
  assert.ok(found, said)
  return { states: Number(found[1]), duplicates: Number(found[2]), violations: found[3]! }
}

describe('the model of the relay', () => {
  it('loses and reorders nothing: two relays without a lock, a crash, a publish with unknown outcome', () => {
    const { states, duplicates, violations } = explore('good', '2', '2', '1', '1')
    assert.equal(violations, '0')
    assert.deepEqual([states, duplicates], [3_003, 5])
  })

  it('shows a loss when the outbox forgets before the log has confirmed', () => {
    assert.match(explore('trimFirst', '2', '2', '1', '1').violations, /event lost/)
  })

  it('shows events out of order when publishes overtake each other', () => {
    assert.match(explore('pipelined', '2', '2', '1', '1').violations, /first occurrences/)
  })

  it('shows a loss when a failing event is skipped', () => {
    assert.match(explore('skipFailing', '2', '2', '1', '1').violations, /event lost/)
  })
})

import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { check } from './check/check.ts'
import { readFacts } from './check/facts.ts'
import { FAULTS } from './faults.ts'
import { readHistory } from './history.ts'
import { type CampaignOutcome, runCampaign } from './run.ts'

const KILLS = 10
const SEED = 20_240_229

describe('a shop that is killed under load', () => {
  let outcome: CampaignOutcome

  before(async () => {
    outcome = await runCampaign({ kills: KILLS, seed: SEED, keep: true, say: () => {} })
  })
  after(() => rmSync(outcome.directory, { recursive: true, force: true }))

  test('loses nothing that it acknowledged, sells nothing twice and tells everything once', () => {
    assert.deepEqual(outcome.violations, [])
    assert.ok(
      readFacts(join(outcome.directory, 'data')).orders.length > 20,
      `too little happened: ${outcome.summary}`,
    )
  })

  for (const { name, reported, plant } of FAULTS) {
    test(`is caught by the checker when it has ${name}`, () => {
      const copy = join(outcome.directory, `planted-${name.replaceAll(' ', '-')}`)
      cpSync(join(outcome.directory, 'data'), copy, { recursive: true })
      plant(copy)
      const violations = check({
        facts: readFacts(copy),
        attempts: readHistory(join(outcome.directory, 'history.jsonl')),
        texts: [readFileSync(join(outcome.directory, 'output.log'), 'utf8')],
        canaries: {},
      })
      assert.ok(
        violations.some((violation) => reported.test(violation)),
        `not reported; only: ${violations.join('; ') || 'nothing'}`,
      )
    })
  }
})

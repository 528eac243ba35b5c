import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { check } from './check/check.ts'
import { embeddedLogReader } from './check/embedded-log-reader.ts'
import { readFacts } from './check/facts.ts'
import { providerReader } from './check/provider-reader.ts'
import { sqliteReader } from './check/sqlite-reader.ts'
import { FAULTS } from './faults.ts'
import { readHistory } from './history.ts'
import { openPair } from './pairs/open.ts'
import { type CampaignOutcome, runCampaign } from './run.ts'
import type { Kind } from './strike.ts'

const KINDS: Kind[] = ['node', 'node', 'provider']
const KILLS = 9
const SEED = 20_240_229

describe('a shop that is killed under load', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-crash-'))
  let outcome: CampaignOutcome

  before(async () => {
    const pair = await openPair('embedded', directory)
    try {
      outcome = await runCampaign({
        ...{ pair, directory, kinds: KINDS, until: { kills: KILLS }, seed: SEED },
        say: () => {},
      })
    } finally {
      await pair.remove()
    }
  })
  after(() => rmSync(directory, { recursive: true, force: true }))

  test('loses nothing that it acknowledged, sells nothing twice and tells everything once', () => {
    assert.deepEqual(outcome.violations, [])
    const { node, provider } = outcome.kills
    assert.ok(node >= 6 && provider >= 3, JSON.stringify(outcome.kills))
    assert.ok(outcome.evidence.facts.orders.length > 20, `too little happened: ${outcome.summary.join('; ')}`)
  })

  for (const { name, reported, plant } of FAULTS) {
    test(`is caught by the checker when it has ${name}`, async () => {
      const copy = join(directory, `planted-${name.replaceAll(' ', '-')}`)
      for (const folder of ['data', 'provider']) cpSync(join(directory, folder), copy, { recursive: true })
      plant(copy)
      const violations = check({
        facts: await readFacts(
          sqliteReader(copy),
          embeddedLogReader(copy),
          providerReader(join(copy, 'test-provider.db')),
        ),
        attempts: readHistory(join(directory, 'history.jsonl')),
        texts: [readFileSync(join(directory, 'output-0.log'), 'utf8')],
        canaries: {},
      })
      assert.ok(
        violations.some((violation) => reported.test(violation)),
        `not reported; only: ${violations.join('; ') || 'nothing'}`,
      )
    })
  }
})

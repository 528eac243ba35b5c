import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { MongoClient } from 'mongodb'
import { whyNot } from '../servers/possible.ts'
import { check } from './check/check.ts'
import { readFacts } from './check/facts.ts'
import { dumpOf, recordsOf } from './check/kafka-reader.ts'
import { providerReader } from './check/provider-reader.ts'
import { KAFKA_FAULTS } from './faults-kafka.ts'
import { LEDGER_FAULTS } from './faults-ledger.ts'
import { MONGO_FAULTS } from './faults-mongo.ts'
import { openPair } from './pairs/open.ts'
import type { Pair } from './pairs/pair.ts'
import { type CampaignOutcome, runCampaign } from './run.ts'

const KILLS = 6
const SEED = 20_261_127
const skip = whyNot('mongodb') ?? whyNot('kafka') ?? false

describe('a shop on MongoDB and Kafka, and a payment provider, all of which are killed under load', {
  skip,
}, () => {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-crash-'))
  let pair: Pair
  let outcome: CampaignOutcome
  let client: MongoClient
  let dump: string[]

  before(async () => {
    pair = await openPair('mongo-kafka', directory)
    outcome = await runCampaign({ pair, directory, until: { kills: KILLS }, seed: SEED, say: () => {} })
    client = new MongoClient(pair.environment.MONGODB_URL!)
    dump = await dumpOf({ bootstrap: pair.environment.KAFKA_BOOTSTRAP_SERVERS! })
  })
  after(async () => {
    await client?.close()
    await pair?.remove()
    rmSync(directory, { recursive: true, force: true })
  })

  test('loses nothing that it acknowledged, sells nothing twice and tells everything in order', () => {
    assert.deepEqual(outcome.violations, [])
    const { node, broker, database, provider } = outcome.kills
    assert.ok(Math.min(node, broker, database, provider) >= 1, JSON.stringify(outcome.kills))
    assert.ok(outcome.evidence.facts.orders.length > 10, `too little happened: ${outcome.summary.join('; ')}`)
  })

  const violationsOf = async (records = recordsOf(dump)) => {
    const log = { repeats: true, read: async () => records }
    return check({ ...outcome.evidence, facts: await readFacts(pair.storage, log, pair.provider) })
  }
  const reportedBy = (violations: string[], reported: RegExp) =>
    assert.ok(
      violations.some((violation) => reported.test(violation)),
      `not reported; only: ${violations.join('; ') || 'nothing'}`,
    )

  for (const { name, reported, plant } of MONGO_FAULTS) {
    test(`is caught by the checker when its database has ${name}`, async () => {
      const undo = await plant(client.db())
      try {
        reportedBy(await violationsOf(), reported)
      } finally {
        await undo()
      }
    })
  }

  for (const { name, reported, plant } of KAFKA_FAULTS) {
    test(`is caught by the checker when its log has ${name}`, async () => {
      reportedBy(await violationsOf(recordsOf(plant(dump, outcome.evidence.canaries.name!))), reported)
    })
  }

  test('is caught by the checker whatever its provider has taken, given back or told otherwise', async () => {
    const { facts } = outcome.evidence
    for (const { name, reported, plant } of LEDGER_FAULTS) {
      const copy = join(directory, `planted-${name.replaceAll(' ', '-')}`)
      cpSync(join(directory, 'provider'), copy, { recursive: true })
      plant(copy)
      const provider = providerReader(join(copy, 'test-provider.db'))()
      reportedBy(check({ ...outcome.evidence, facts: { ...facts, provider } }), reported)
    }
  })

  test('is as it was when every fault was taken out again', async () => {
    assert.deepEqual(await violationsOf(), [])
  })
})

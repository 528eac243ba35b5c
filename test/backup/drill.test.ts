import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runDrill } from '../crash/drill-run.ts'
import { temporaryDirectory } from '../support/storage.ts'

/** `npm run drill` goes on for twenty. */
const ROUNDS = 1
const SEED = 20_261_128

test('a shop that is backed up under load is restored elsewhere with all that it acknowledged', async (t) => {
  const rounds = await runDrill({
    ...{ rounds: ROUNDS, seed: SEED, directory: temporaryDirectory(t) },
    say: () => {},
  })
  assert.deepEqual(
    rounds.flatMap(({ violations }) => violations),
    [],
  )
  assert.equal(rounds.length, ROUNDS)
  for (const { meanwhile } of rounds) assert.ok(meanwhile > 0, 'nobody was answered during the backup')
})

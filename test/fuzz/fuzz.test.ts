import assert from 'node:assert/strict'
import { test } from 'node:test'
import { summaryLines } from './report.ts'
import { runFuzz } from './run.ts'

const REQUESTS = 10_000
/** Others come with `npm run fuzz`. */
const SEED = 1

test('whatever is asked of the shop, it answers as its document says and stays well', async (t) => {
  const outcome = await runFuzz({ requests: REQUESTS, seed: SEED, say: (line) => t.diagnostic(line) })
  for (const line of summaryLines(outcome)) t.diagnostic(line)
  assert.deepEqual(
    outcome.faults.map(({ what }) => what),
    [],
  )
  // What nobody gets a success from is hardly looked at: it is the webhook, whose signature nobody knows, and little else.
  const without = outcome.summary.neverDone()
  assert.ok(without.length < 10, without.join(', '))
  const least = Math.min(...outcome.summary.asked().values())
  assert.ok(least > 50, `an operation was asked ${least} times only`)
})

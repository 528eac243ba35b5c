import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultLines, summaryLines } from './report.ts'
import { runFuzz } from './run.ts'

const REQUESTS = 10_000
/** Others come with `npm run fuzz`. */
const SEED = 1

test('whatever is asked of the shop, it answers as its document says and stays well', async (t) => {
  const outcome = await runFuzz({ requests: REQUESTS, seed: SEED })
  t.diagnostic(`seed ${SEED}`)
  for (const line of summaryLines(outcome)) t.diagnostic(line)
  assert.equal(faultLines(outcome).join('\n'), '', `seed ${SEED}`)
  const least = Math.min(...outcome.summary.asked().values())
  assert.ok(least > 50, `an operation was asked ${least} times only`)
})

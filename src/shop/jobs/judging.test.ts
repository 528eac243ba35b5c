import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SILENT } from '../../../test/support/log.ts'
import { countTurns } from '../../../test/support/turns.ts'
import type { ImportKind } from './exchange-schema.ts'
import { createJudging } from './judging.ts'
import type { Job, JobPart } from './schema.ts'

const ROWS = 100

test('rows that are judged at once give others their turn', async () => {
  const kind = {
    keysOf: () => [],
    keyOf: () => 'key',
    apply: async () => ({ result: 'unchanged', id: 'prd_1' }),
  } as unknown as ImportKind
  const received = Array.from({ length: ROWS }, (_, row) => ({ row, rows: 1, text: '{}' }))
  const turns = countTurns()
  const job = { id: 'job_1', by: 'usr_1', dry_run: true } as Job
  const verdicts = await createJudging({ logger: SILENT }).judge(job, { received } as JobPart, kind)
  assert.equal(verdicts.length, ROWS)
  const counted = turns.stop()
  assert.ok(counted >= 4, `${counted} turns`)
})

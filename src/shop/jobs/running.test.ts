import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SILENT } from '../../../test/support/log.ts'
import { openTestStorage } from '../../../test/support/storage.ts'
import { newId } from '../../kernel/ids.ts'
import type { ImportKind } from './exchange-schema.ts'
import { partId } from './receiving.ts'
import { createRunning } from './running.ts'
import { JOB_PARTS, JOBS, type JobState } from './schema.ts'

test('an upload that a crash left is taken away before an import goes on', async (t) => {
  const { storage } = await openTestStorage(t, [JOBS, JOB_PARTS])
  const jobs = storage.collection(JOBS)
  const parts = storage.collection(JOB_PARTS)
  const at = '2026-01-02T03:04:05.678Z'
  const mark = () => ({ now: Date.now(), at, owner: 'run_now', alone: true, skew_ms: 0 })
  const left = (id: string, state: JobState) => ({
    ...({ id, state, kind: 'products_import', format: 'csv', dry_run: false, by: 'usr_1' } as const),
    ...{ parts: 1, parts_done: 0, rows: 1, rows_done: 0, created_at: at, updated_at: at },
    results: { created: 0, updated: 0, unchanged: 0, refused: 0 },
    lease: { owner: 'run_before', until: state === 'running' ? 1 : 2 },
  })
  const done: string[] = []
  const job_id = newId('job')
  await jobs.insert(left(job_id, 'running'))
  await jobs.insert(left(newId('job'), 'receiving'))
  await parts.insert({
    ...{ id: partId(job_id, 0), job_id, number: 0, created_at: at, updated_at: at },
    received: [{ row: 1, rows: 1, text: '{}' }],
  })
  const kind = {
    keysOf: () => [],
    keyOf: () => 'key',
    async apply() {
      done.push('imported')
      return { result: 'created', id: 'prd_1' }
    },
  } as unknown as ImportKind
  const { runDue } = createRunning({
    ...{ jobs, parts, mark, held: new Set<string>(), logger: SILENT },
    kinds: { products_import: kind, orders_import: kind },
    async discard() {
      done.push('discarded')
    },
  })
  await runDue()
  assert.deepEqual(done, ['discarded', 'imported'])
})

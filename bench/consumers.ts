import { spawnSync } from 'node:child_process'
import { atLeast, atMost, type Benchmark } from './row.ts'
import { keptLog } from './support/seed-log.ts'

const EVENTS = 10_000_000
const REBUILD_TIMEOUT_MS = 600_000

/** The statistics of ten million events, dropped and built again from the log by the command that people use. */
export const consumers: Benchmark = async () => {
  const directory = await keptLog(EVENTS)
  const began = performance.now()
  const { status, stderr } = spawnSync(process.execPath, ['tools/rebuild.ts', 'stats'], {
    env: { ...process.env, DATA_DIR: directory },
    encoding: 'utf8',
    timeout: REBUILD_TIMEOUT_MS,
  })
  if (status !== 0) throw new Error(`the rebuild failed: ${stderr}`)
  const seconds = (performance.now() - began) / 1_000
  return [
    atMost('10,000,000 events rebuilt into the statistics', seconds, 120, 's'),
    atLeast('the same, as a rate', EVENTS / seconds, 100_000, 'events/s'),
  ]
}

import { type Clock, timestamp } from '../../kernel/clock.ts'
import { Refusal } from '../../kernel/errors.ts'
import { isId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import { CLOCK_SKEW_MS, type Nodes } from '../../kernel/nodes.ts'
import { type Periodic, periodically } from '../../kernel/periodic.ts'
import { removeInSteps } from '../../storage/remove-in-steps.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ExportKind, ImportKind } from './exchange-schema.ts'
import { createExporting } from './exporting.ts'
import { jobView, type Mark } from './job-rules.ts'
import { createReceiving, type Upload } from './receiving.ts'
import { createRunning } from './running.ts'
import {
  type ExportKindName,
  type ImportKindName,
  JOB_PARTS,
  JOBS,
  type JobView,
  type Verdict,
} from './schema.ts'
import { pageOfVerdicts, type VerdictPosition, type VerdictQuery } from './verdicts.ts'

export type { VerdictPosition } from './verdicts.ts'

export interface JobsOptions {
  storage: Pick<Storage, 'collection'>
  nodes: Nodes
  clock: Clock
  logger: Logger
  /** Owner of the leases of this start. */
  start_id: string
  imports: Record<ImportKindName, ImportKind>
  exports: Record<ExportKindName, ExportKind>
}

export type Jobs = ReturnType<typeof createJobs>

/** What a dead node left is taken up within this and a lease. */
const LOOK_EVERY_MS = 5_000
const LOOKED_AT_ONCE = 100
const REMEMBERED_MS = 30 * 24 * 60 * 60 * 1_000

/** Imports and exports: what takes long, is told as it goes on, and outlives a crash. */
export function createJobs(options: JobsOptions) {
  const { storage, nodes, clock, logger, start_id, imports, exports } = options
  const jobs = storage.collection(JOBS)
  const parts = storage.collection(JOB_PARTS)
  const mark = (): Mark => {
    const now = clock.now()
    const alone = nodes === 'one'
    return { now, at: timestamp(now), owner: start_id, alone, skew_ms: CLOCK_SKEW_MS }
  }
  const held = new Set<string>()
  const { receive, discard } = createReceiving({ jobs, parts, held, mark })
  const running = createRunning({ jobs, parts, kinds: imports, held, discard, mark, logger })
  const { open } = createExporting({ jobs, kinds: exports, held, mark, logger })
  let worker: Periodic | undefined

  return {
    /** What the rows and the query strings of each kind look like. */
    schemas: {
      products_import: imports.products_import.row,
      orders_import: imports.orders_import.row,
      orders_export: exports.orders_export.query,
    },
    /** Stores an upload and answers its job, which goes on behind the answer. */
    async take(upload: Omit<Upload, 'table' | 'keyOf'>): Promise<JobView> {
      const { table, keyOf } = imports[upload.kind]
      const job = await receive({ ...upload, table, keyOf })
      worker?.wake()
      return jobView(job)
    },
    /** Rows as a stream, and the job that tells of it. */
    export: open,
    /** A job with a page of its verdicts; throws `not_found`. */
    async get(
      id: string,
      query: VerdictQuery,
    ): Promise<JobView & { verdicts: Verdict[]; next: VerdictPosition | null }> {
      const job = isId(id, 'job') ? await jobs.get(id) : undefined
      if (!job) throw new Refusal('not_found', 'not_found', 'There is no such job.')
      return { ...jobView(job), ...(await pageOfVerdicts(parts, job, query)) }
    },
    /** Goes on with every import that nobody drives. */
    runDue: running.runDue,
    /** What is known of people lies in rows that are not judged yet: throws while orders are imported. */
    async forget(): Promise<void> {
      const { items } = await jobs.list({ index: 'open', limit: LOOKED_AT_ONCE })
      if (items.length === LOOKED_AT_ONCE || items.some(({ kind }) => kind === 'orders_import'))
        throw new Error('an import of orders may name them; it has to end first')
    },
    /** Removes what is old; says how many documents went. */
    async sweep(): Promise<number> {
      const before = timestamp(clock.now() - REMEMBERED_MS)
      return (await removeInSteps(parts, 'created', before)) + (await removeInSteps(jobs, 'created', before))
    },
    start(): void {
      worker = periodically(LOOK_EVERY_MS, running.runDue, (error) =>
        logger.warn({ err: error }, 'imports wait; they are taken up again'),
      )
      worker.wake()
    },
    async stop(): Promise<void> {
      running.stop()
      await worker?.stop()
    },
  }
}

import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { ImportKind } from './exchange-schema.ts'
import { advancedJob, finishedJob, freedJob, isDriven, leasedJob, type Mark } from './job-rules.ts'
import { createJudging } from './judging.ts'
import { partId } from './receiving.ts'
import {
  type Collection,
  ImportFinished,
  type ImportKindName,
  type Job,
  type JobPart,
  type Verdict,
} from './schema.ts'

export interface RunningNeeds {
  jobs: Collection<Job>
  parts: Collection<JobPart>
  kinds: Record<ImportKindName, ImportKind>
  /** Ids of the uploads and exports that this process has in hand, whatever their leases say. */
  held: ReadonlySet<string>
  discard(job: Job): Promise<void>
  mark(): Mark
  logger: Pick<Logger, 'error'>
}

const LOOKED_AT_ONCE = 100

/**
 * Drives imports, part by part. The job is the coordinator: a part is judged, its verdicts are stored in its place, then the job
 * counts them. After a crash anyone goes on with the part that is not counted; what was applied of it changes nothing again.
 */
export function createRunning({ jobs, parts, kinds, held, discard, mark, logger }: RunningNeeds) {
  const { judge } = createJudging({ logger })
  let stopped = false

  /** Goes on with every job that nobody drives, one after the other; one that cannot go on now keeps none of the others. */
  async function runDue(): Promise<void> {
    const { items } = await jobs.list({ index: 'open', limit: LOOKED_AT_ONCE })
    const failures: unknown[] = []
    // What is over in a moment comes first: an upload that was broken off, an export without a reader.
    const { long = [], short = [] } = Object.groupBy(items, (job) => (isRunning(job) ? 'long' : 'short'))
    for (const { id } of [...short, ...long]) {
      if (stopped) break
      await lookAt(id).catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }

  /** The list may be old: what was listed before it may have taken an hour. */
  async function lookAt(id: string): Promise<void> {
    if (held.has(id)) return
    const job = await jobs.get(id)
    if (job?.lease && !isDriven(job, mark())) await takeUp(job)
  }

  async function takeUp(job: Job): Promise<void> {
    if (job.state === 'receiving' || job.state === 'discarding') await discard(job)
    else if (isImport(job)) await drive(job)
    // Whoever read the export is gone with the process that wrote it.
    else await replaced(finishedJob(job, 'failed', mark()))
  }

  async function drive(due: Job & { kind: ImportKindName }): Promise<void> {
    let job = await replaced(leasedJob(due, mark()))
    while (job && job.parts_done < job.parts) {
      if (stopped) {
        await replaced(freedJob(job, mark()))
        return
      }
      const verdicts = await verdictsOn(job, kinds[due.kind])
      job = await replaced(verdicts ? advancedJob(job, verdicts, mark()) : finishedJob(job, 'failed', mark()))
      if (!verdicts) return
    }
    if (job) await finish(job, due.kind)
  }

  /** The verdicts on the next part, which are stored with it; undefined when it is not there and never will be. */
  async function verdictsOn(job: Job, kind: ImportKind): Promise<Verdict[] | undefined> {
    const id = partId(job.id, job.parts_done)
    const part = await parts.get(id)
    if (!part) {
      logger.error({ job_id: job.id, part_id: id }, 'an import has failed: a part of its upload is gone')
      return undefined
    }
    if (part.verdicts) return part.verdicts
    const verdicts = await judge(job, part, kind)
    const faulty = verdicts.some(({ result }) => result === 'refused') && { faulty: part.number }
    try {
      await parts.replace({ ...part, received: [], verdicts, ...faulty, updated_at: mark().at })
      return verdicts
    } catch (error) {
      if (!isRefusal(error, 'version_moved')) throw error
      // Another node has judged it, too; what it has stored counts.
      return (await parts.get(id))?.verdicts ?? verdicts
    }
  }

  async function finish(job: Job, kind: ImportKindName): Promise<void> {
    const now = mark()
    const finished = finishedJob(job, 'done', now)
    const event = ImportFinished.draft({
      ...{ id: newId('evt', now.now), subject: `jobs/${job.id}`, key: job.id, at: now.now, actor: job.by },
      data: { job_id: job.id, kind, dry_run: job.dry_run, rows: finished.rows ?? 0, ...job.results },
    })
    await replaced(finished, [event])
  }

  /** The job as it is now; undefined when somebody else has taken it up. */
  async function replaced(
    job: Job,
    events: Parameters<typeof jobs.replace>[1] = [],
  ): Promise<Job | undefined> {
    try {
      return await jobs.replace(job, events)
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return undefined
      throw error
    }
  }

  return {
    runDue,
    /** The part in hand is finished, and no other begun. */
    stop(): void {
      stopped = true
    },
  }
}

function isRunning(job: Job): boolean {
  return isImport(job) && job.state === 'running'
}

function isImport(job: Job): job is Job & { kind: ImportKindName } {
  return job.kind === 'products_import' || job.kind === 'orders_import'
}

import { Readable } from 'node:stream'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import { csvOf, headerOf } from './csv.ts'
import type { ExportKind } from './exchange-schema.ts'
import { begunJob, finishedJob, heldJob, type JobWish, type Mark } from './job-rules.ts'
import type { Collection, ExportKindName, Format, Job } from './schema.ts'

export interface ExportWish extends Omit<JobWish, 'dry_run'> {
  kind: ExportKindName
  filter: object
}

export interface ExportingNeeds {
  jobs: Collection<Job>
  kinds: Record<ExportKindName, ExportKind>
  /** Ids of the jobs that this process has in hand. */
  held: Set<string>
  mark(): Mark
  logger: Pick<Logger, 'warn'>
}

const RETRY_AFTER_SECONDS = 10
const TELL_EVERY_MS = 5_000

/** Exports, one at a time on a node: they are the first that a busy shop does without. */
export function createExporting({ jobs, kinds, held, mark, logger }: ExportingNeeds) {
  let running = false

  /** The rows as a stream that is read from the storage only as fast as it is taken. Throws `too_many` while another export runs. */
  async function open({ filter, ...wish }: ExportWish): Promise<{ job_id: string; stream: Readable }> {
    if (running)
      throw new Refusal('too_many', 'export_running', 'Another export is running; wait until it has ended.', {
        retry_after_seconds: RETRY_AFTER_SECONDS,
      })
    running = true
    const begun = mark()
    const draft = begunJob(newId('job', begun.now), 'running', { ...wish, dry_run: false }, begun)
    held.add(draft.id)
    try {
      const telling = telled(await jobs.insert(draft))
      const pages = counted(kinds[wish.kind].pages(filter), telling)
      const stream = Readable.from(texts(pages, kinds[wish.kind], wish.format), { objectMode: false })
      stream.once('close', () => {
        running = false
        void telling.end().finally(() => held.delete(draft.id))
      })
      return { job_id: draft.id, stream }
    } catch (error) {
      running = false
      held.delete(draft.id)
      throw error
    }
  }

  /** Keeps the job as far as the export is. What is not told harms nothing: the reader has the rows. */
  function telled(begun: Job) {
    let job: Job = begun
    let whole = false
    const replace = async (next: Job) => {
      try {
        job = await jobs.replace(next)
      } catch (error) {
        if (!isRefusal(error)) throw error
        logger.warn({ err: error, job_id: job.id }, 'how far an export is could not be told')
      }
    }
    return {
      async add(rows: number): Promise<void> {
        job = { ...job, rows_done: job.rows_done + rows }
        const now = mark()
        if (Date.parse(job.updated_at) + TELL_EVERY_MS < now.now)
          await replace({ ...heldJob(job, now), updated_at: now.at })
      },
      done(): void {
        whole = true
      },
      async end(): Promise<void> {
        await replace(finishedJob(job, whole ? 'done' : 'failed', mark())).catch((error: unknown) =>
          logger.warn({ err: error, job_id: job.id }, 'the end of an export could not be told'),
        )
      },
    }
  }

  return { open }
}

type Telling = { add(rows: number): Promise<void>; done(): void }

async function* counted<Value>(
  pages: AsyncIterable<readonly Value[]>,
  telling: Telling,
): AsyncGenerator<readonly Value[]> {
  for await (const page of pages) {
    await telling.add(page.length)
    yield page
  }
  telling.done()
}

async function* texts(
  pages: AsyncIterable<readonly unknown[]>,
  kind: ExportKind,
  format: Format,
): AsyncGenerator<string> {
  if (format === 'csv') yield headerOf(kind.columns)
  for await (const page of pages) {
    if (page.length === 0) continue
    yield format === 'csv'
      ? csvOf(page.flatMap(kind.tableOf), kind.columns)
      : page.map((value) => `${JSON.stringify(value)}\n`).join('')
  }
}

import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '../../kernel/errors.ts'
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
/** An export that nobody has begun to read by then has lost its reader. */
const UNREAD_MS = 30_000
/** However slowly it is read: others wait for the place. */
const MAX_EXPORT_MS = 60 * 60 * 1_000

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
    const now = mark()
    const draft = begunJob(newId('job', now.now), 'running', { ...wish, dry_run: false }, now)
    held.add(draft.id)
    try {
      const telling = telled(await jobs.insert(draft))
      const pages = counted(kinds[wish.kind].pages(filter), telling)
      const rows = inHalfOfTheTime(texts(pages, kinds[wish.kind], wish.format))
      let open_ms = 0
      let unread_ms: number | undefined = 0
      const begun = () => {
        unread_ms = undefined
      }
      const stream = Readable.from(beginning(rows, begun), { objectMode: false })
      const looking = setInterval(() => {
        telling.renew()
        if (unread_ms !== undefined) unread_ms += TELL_EVERY_MS
        open_ms += TELL_EVERY_MS
        if (unread_ms === UNREAD_MS || open_ms === MAX_EXPORT_MS) stream.destroy()
      }, TELL_EVERY_MS).unref()
      stream.once('close', () => {
        clearInterval(looking)
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
  function telled(started: Job) {
    let job: Job = started
    let rows_done = 0
    let whole = false
    let renewing: Promise<void> | undefined
    const tell = async (next: (mark: Mark) => Job) => {
      try {
        job = await jobs.replace(next(mark()))
      } catch (error) {
        logger.warn({ err: error, job_id: job.id }, 'how far an export is could not be told')
      }
    }
    return {
      add(rows: number): void {
        rows_done += rows
      },
      done(): void {
        whole = true
      },
      /** However slowly it is read. */
      renew(): void {
        renewing ??= tell((now) => heldJob({ ...job, rows_done, updated_at: now.at }, now)).finally(() => {
          renewing = undefined
        })
      },
      async end(): Promise<void> {
        await renewing
        await tell((now) => finishedJob({ ...job, rows_done }, whole ? 'done' : 'failed', now))
      },
    }
  }

  return { open }
}

type Telling = { add(rows: number): void; done(): void }

async function* beginning<Value>(values: AsyncIterable<Value>, onBegin: () => void): AsyncGenerator<Value> {
  onBegin()
  yield* values
}

/** Pauses after each value as long as it took to make: the thread is the shoppers', and garbage is collected meanwhile. */
async function* inHalfOfTheTime<Value>(values: AsyncIterable<Value>): AsyncGenerator<Value> {
  let began = performance.now()
  for await (const value of values) {
    const took = performance.now() - began
    yield value
    await delay(took)
    began = performance.now()
  }
}

async function* counted<Value>(
  pages: AsyncIterable<readonly Value[]>,
  telling: Telling,
): AsyncGenerator<readonly Value[]> {
  for await (const page of pages) {
    telling.add(page.length)
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

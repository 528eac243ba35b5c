import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { withPrefix } from '../../kernel/ids.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import { type Incoming, receivedRows } from './incoming.ts'
import { begunJob, discardedJob, type JobWish, type Mark, receivedJob } from './job-rules.ts'
import {
  type Collection,
  type ImportKindName,
  type Job,
  type JobPart,
  MAX_ROWS,
  PART_BYTES,
  PART_ROWS,
  type ReceivedRow,
} from './schema.ts'

export interface Upload extends Incoming, JobWish {
  kind: ImportKindName
  /** The same when the upload is sent again under its key: then there is one job. */
  operation_id: string
}

export interface ReceivingNeeds {
  jobs: Collection<Job>
  parts: Collection<JobPart>
  /** Ids of the jobs that this process has in hand. */
  held: Set<string>
  mark(): Mark
}

const REMOVED_AT_ONCE = 100

/** The id of a part of a job. */
export function partId(job_id: string, number: number): string {
  return `${job_id}/${String(number).padStart(6, '0')}`
}

/** Takes uploads into the storage, from where any node can go on with them. */
export function createReceiving({ jobs, parts, held, mark }: ReceivingNeeds) {
  /** The job once all of its upload is stored. What was broken off or is refused leaves nothing. */
  async function receive({ kind, format, dry_run, by, operation_id, ...incoming }: Upload): Promise<Job> {
    const rows = receivedRows({ ...incoming, format })
    const begun = mark()
    const wish = { kind, format, dry_run, by }
    const id = withPrefix(operation_id, 'job')
    const known = await jobs.get(id)
    if (known) return received(known)
    held.add(id)
    try {
      const job = await insertOnce(jobs, begunJob(id, 'receiving', wish, begun))
      return await receiveInto(job, rows)
    } finally {
      held.delete(id)
    }
  }

  async function receiveInto(job: Job, rows: AsyncIterable<ReceivedRow>): Promise<Job> {
    try {
      const { count, number } = await keep(job.id, rows)
      return await handOver(receivedJob(job, number, count, mark()))
    } catch (error) {
      // What this leaves goes with the lease of the job.
      await discard(job).catch(() => {})
      throw error
    }
  }

  async function handOver(whole: Job): Promise<Job> {
    try {
      return await jobs.replace(whole)
    } catch (error) {
      if (!isRefusal(error, 'version_moved')) throw error
      const job = await jobs.get(whole.id)
      if (!job) throw uploadLost()
      // The answer to this very write was lost.
      return received(job)
    }
  }

  async function keep(job_id: string, rows: AsyncIterable<ReceivedRow>) {
    let number = 0
    let count = 0
    for await (const received of inParts(rows)) {
      count += received.reduce((sum, row) => sum + row.rows, 0)
      if (count > MAX_ROWS)
        throw new Refusal('too_large', 'too_many_rows', `An upload may have ${MAX_ROWS} rows.`)
      const { at } = mark()
      const part = { id: partId(job_id, number), job_id, number, received, created_at: at, updated_at: at }
      await insertOnce(parts, part)
      number += 1
    }
    if (count === 0) throw new Refusal('malformed', 'empty_upload', 'There are no rows in the body.')
    return { count, number }
  }

  /** Takes a job away with all of its parts; of one that somebody has gone on with since, nothing. */
  async function discard(job: Job): Promise<void> {
    const going = job.state === 'discarding' ? job : await givenUp(job)
    if (!going) {
      // Whoever took it away may have done so before the last part came.
      if (!(await jobs.get(job.id))) await removeParts(job.id)
      return
    }
    await removeParts(going.id)
    await jobs.remove(going.id, going.version)
  }

  /** The job given up, from when on its parts are nobody's; undefined when it has moved. */
  async function givenUp(job: Job): Promise<Job | undefined> {
    try {
      return await jobs.replace(discardedJob(job, mark()))
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return undefined
      throw error
    }
  }

  async function removeParts(job_id: string): Promise<void> {
    for (;;) {
      const { items } = await parts.list({ index: 'by_job', equal: [job_id], limit: REMOVED_AT_ONCE })
      if (items.length === 0) return
      await Promise.all(items.map(({ id, version }) => parts.remove(id, version)))
    }
  }

  return { receive, discard }
}

/** A job whose upload was whole; throws for one that was broken off and is still to be taken away. */
function received(job: Job): Job {
  if (job.state === 'receiving' || job.state === 'discarding') throw uploadLost()
  return job
}

function uploadLost(): Refusal {
  const message = 'The upload was given up before it was whole; send it again.'
  return new Refusal('unavailable', 'upload_lost', message, { retry_after_seconds: 1 })
}

async function* inParts(rows: AsyncIterable<ReceivedRow>): AsyncGenerator<ReceivedRow[]> {
  let part: ReceivedRow[] = []
  let length = 0
  for await (const row of rows) {
    part.push(row)
    length += row.text?.length ?? 0
    if (part.length < PART_ROWS && length < PART_BYTES) continue
    yield part
    part = []
    length = 0
  }
  if (part.length > 0) yield part
}

import {
  type Format,
  type Job,
  type JobState,
  type JobView,
  LEASE_MS,
  LONGEST_LEASE_MS,
  MAX_ROW_FAULTS,
  type New,
  type Results,
  type Verdict,
} from './schema.ts'

/** What a rule needs of the world. */
export interface Mark {
  now: number
  /** The same as RFC 3339. */
  at: string
  /** Start id of this process. */
  owner: string
  /** Whether no other process is on the storage. */
  alone: boolean
  /** How far the clocks of other processes may be off, in milliseconds. */
  skew_ms: number
}

export interface JobWish {
  kind: Job['kind']
  format: Format
  dry_run: boolean
  by: string
}

const NONE: Results = { created: 0, updated: 0, unchanged: 0, refused: 0 }

/** A job that begins. */
export function begunJob(id: string, state: JobState, wish: JobWish, mark: Mark): New<Job> {
  const job = {
    ...{ id, ...wish, state, parts: 0, parts_done: 0, rows: null, rows_done: 0, results: NONE },
    ...{ created_at: mark.at, updated_at: mark.at },
  }
  return heldJob<New<Job>>(job, mark)
}

/** The job whose upload is whole: anyone may drive it. */
export function receivedJob(job: Job, parts: number, rows: number, { at, owner }: Mark): Job {
  return { ...job, state: 'running', parts, rows, updated_at: at, lease: { owner, until: 0 } }
}

/** The job whose upload is to go: whoever has said so first takes it away, and nobody goes on with it. */
export function discardedJob(job: Job, { at, owner }: Mark): Job {
  return { ...job, state: 'discarding', updated_at: at, lease: { owner, until: 0 } }
}

/** The job in this process' hand. */
export function leasedJob(job: Job, { now, owner }: Mark): Job {
  return { ...job, lease: { owner, until: now + LEASE_MS } }
}

/** The job of an upload or an export: nobody else may go on with it, so it is held for as long as it may take to go on. */
export function heldJob<Held extends Pick<Job, 'lease'>>(job: Held, { now, owner }: Mark): Held {
  return { ...job, lease: { owner, until: now + LONGEST_LEASE_MS } }
}

/** The job that anyone may drive on. */
export function freedJob(job: Job, { owner }: Mark): Job {
  return { ...job, lease: { owner, until: 0 } }
}

/** The job with one more part judged. */
export function advancedJob(job: Job, verdicts: readonly Verdict[], mark: Mark): Job {
  const results = { ...job.results }
  let { rows_done } = job
  for (const { result, rows } of verdicts) {
    results[result] += 1
    rows_done += rows
  }
  return {
    ...leasedJob(job, mark),
    ...{ results, rows_done, parts_done: job.parts_done + 1, updated_at: mark.at },
  }
}

/** The job that is over. */
export function finishedJob({ lease: _, ...job }: Job, state: 'done' | 'failed', { at }: Mark): Job {
  return { ...job, state, rows: job.rows ?? job.rows_done, updated_at: at, finished_at: at }
}

/** Whether somebody is at work on the job. Where there is one process, a lease of another start is void at once. */
export function isDriven({ lease }: Job, { now, owner, alone, skew_ms }: Mark): boolean {
  if (lease === undefined || lease.until <= now) return false
  if (lease.until > now + LONGEST_LEASE_MS + skew_ms) return false
  return !alone || lease.owner === owner
}

/** The verdict on a row that was refused. */
export function refusedVerdict(
  { row, rows, key }: Pick<Verdict, 'row' | 'rows' | 'key'>,
  { code, message, errors }: Pick<Verdict, 'code' | 'message' | 'errors'>,
): Verdict {
  return { row, rows, key, result: 'refused', id: null, code, message, errors }
}

/** What a refusal says, in a verdict. */
export function refusalOf({
  code,
  message,
  details,
}: RefusalLike): Pick<Verdict, 'code' | 'message' | 'errors'> {
  const errors = (details.errors ?? []).slice(0, MAX_ROW_FAULTS)
  return { code, message, errors: errors.map(({ pointer, ...fault }) => ({ pointer, ...fault })) }
}

interface RefusalLike {
  code: string
  message: string
  details: { errors?: Verdict['errors'] }
}

/** The job as staff see it. */
export function jobView(job: Job): JobView {
  const { id, version, created_at, updated_at, kind, format, dry_run, state, by, rows, rows_done, results } =
    job
  return {
    ...{ id, version, created_at, updated_at, kind, format, dry_run, state, by, rows, rows_done, results },
    finished_at: job.finished_at ?? null,
  }
}

import { setImmediate as turn } from 'node:timers/promises'
import { isRefusal } from '../../kernel/errors.ts'
import { placedId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { ImportKind } from './exchange-schema.ts'
import { refusalOf, refusedVerdict } from './job-rules.ts'
import type { Job, JobPart, ReceivedRow, Verdict } from './schema.ts'

/** A storage that answers at once would keep the event loop until a part is judged. */
const ROWS_OF_A_TURN = 8
/** Enough that the storage writes many rows at once, and few enough that shoppers do not wait for them. */
const ROWS_AT_ONCE = 16

const OUR_FAULT = {
  code: 'internal_error',
  message: 'Something failed on our side; the log says what.',
  errors: [],
}

export interface JudgingNeeds {
  logger: Pick<Logger, 'error'>
}

/** Applies the rows of a part. */
export function createJudging({ logger }: JudgingNeeds) {
  /**
   * The verdicts on all rows of a part, in their order; may be repeated. Throws `unavailable` when the storage is away: then rows
   * are left.
   */
  async function judge(job: Job, { received }: JobPart, kind: ImportKind): Promise<Verdict[]> {
    const verdicts: Verdict[] = new Array(received.length)
    const lastOf = new Map<string, Promise<unknown>>()
    let next = 0
    let failed = false
    let gate: Promise<void> | undefined

    async function work(): Promise<void> {
      for (;;) {
        await gate
        if (next >= received.length || failed) return
        const at = next++
        if (at % ROWS_OF_A_TURN === 0) gate = turn()
        const row = received[at]!
        const value = row.text === undefined ? undefined : JSON.parse(row.text)
        const keys = row.text === undefined ? [] : kind.keysOf(value)
        const before = Promise.all(keys.map((key) => lastOf.get(key)))
        const verdict = before.then(() => verdictOn(job, row, value, kind))
        const over = verdict.catch(() => {})
        for (const key of keys) lastOf.set(key, over)
        verdicts[at] = await verdict
      }
    }

    const workers = Array.from({ length: ROWS_AT_ONCE }, () =>
      work().catch((error: unknown) => {
        failed = true
        throw error
      }),
    )
    const outcomes = await Promise.allSettled(workers)
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    return verdicts
  }

  async function verdictOn(job: Job, row: ReceivedRow, value: unknown, kind: ImportKind): Promise<Verdict> {
    if (row.refusal) return refusedVerdict({ key: null, ...row }, row.refusal)
    const place = { row: row.row, rows: row.rows, key: kind.keyOf(value) }
    const by = {
      operation_id: placedId('op', job.id, row.row),
      ...{ actor: job.by, dry_run: job.dry_run },
    }
    try {
      const { result, id } = await kind.apply(value, by)
      return { ...place, result, id, code: null, message: null, errors: [] }
    } catch (error) {
      if (isRefusal(error)) {
        if (error.kind === 'unavailable' && error.code !== 'stock_frozen') throw error
        return refusedVerdict(place, refusalOf(error))
      }
      logger.error({ err: error, job_id: job.id, row: row.row }, 'a row of an import failed')
      return refusedVerdict(place, OUR_FAULT)
    }
  }

  return { judge }
}

import type { Collection, JobPart, Verdict } from './schema.ts'

/** Where a page of verdicts ended. */
export interface VerdictPosition {
  /** Number of the part, and the place in it of the first verdict that was not shown. */
  part: number
  at: number
}

export interface VerdictQuery {
  /** Only what was refused. */
  refused: boolean
  after: VerdictPosition | undefined
  limit: number
}

const PARTS_AT_ONCE = 4

/** A page of the verdicts of a job, in the order of its rows. */
export async function pageOfVerdicts(
  parts: Pick<Collection<JobPart>, 'list'>,
  job_id: string,
  { refused, after, limit }: VerdictQuery,
): Promise<{ verdicts: Verdict[]; next: VerdictPosition | null }> {
  const verdicts: Verdict[] = []
  const walk = { index: refused ? 'faulty' : 'by_job', equal: [job_id], limit: PARTS_AT_ONCE }
  let from = after?.part ?? 0
  for (;;) {
    const { items, next } = await parts.list({ ...walk, range: { from } })
    for (const part of items) {
      const judged = part.verdicts ?? []
      for (let at = part.number === after?.part ? after.at : 0; at < judged.length; at++) {
        if (refused && judged[at]!.result !== 'refused') continue
        if (verdicts.length === limit) return { verdicts, next: { part: part.number, at } }
        verdicts.push(judged[at]!)
      }
    }
    if (!next) return { verdicts, next: null }
    from = items.at(-1)!.number + 1
  }
}

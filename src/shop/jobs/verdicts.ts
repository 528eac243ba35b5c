import type { Collection, Job, JobPart, Verdict } from './schema.ts'

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

/** A page of the verdicts of a job, in the order of its rows. Parts that wait hold rows and no verdicts; they are not read. */
export async function pageOfVerdicts(
  parts: Pick<Collection<JobPart>, 'list'>,
  { id, parts_done }: Pick<Job, 'id' | 'parts_done'>,
  { refused, after, limit }: VerdictQuery,
): Promise<{ verdicts: Verdict[]; next: VerdictPosition | null }> {
  const verdicts: Verdict[] = []
  const walk = { index: refused ? 'faulty' : 'by_job', equal: [id], limit: PARTS_AT_ONCE }
  let from = after?.part ?? 0
  while (from < parts_done) {
    const { items, next } = await parts.list({ ...walk, range: { from, before: parts_done } })
    for (const part of items) {
      const judged = part.verdicts ?? []
      for (let at = part.number === after?.part ? after.at : 0; at < judged.length; at++) {
        if (refused && judged[at]!.result !== 'refused') continue
        if (verdicts.length === limit) return { verdicts, next: { part: part.number, at } }
        verdicts.push(judged[at]!)
      }
    }
    if (!next) break
    from = items.at(-1)!.number + 1
  }
  return { verdicts, next: null }
}

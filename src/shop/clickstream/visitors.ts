import { setImmediate as turn } from 'node:timers/promises'
import type { Fence, RollUp, RollUps } from '../../storage/roll-ups.ts'
import { CLICKSTREAM_TOPIC, VISITORS, type VisitorFigures } from './schema.ts'

const PAGE = 500
const MAX_TRIES = 8
/** The first text behind `id`. */
const behind = (id: string) => `${id}\0`

/** Who visitors turned out to be, and how that is forgotten. */
export function createVisitors({ rollUps }: { rollUps: Pick<RollUps, 'read' | 'range' | 'write'> }) {
  /** True when the visitor is nobody any more. */
  async function unlinked({ id, fence, body }: RollUp): Promise<boolean> {
    const nobody: VisitorFigures = { ...(body as VisitorFigures), user_id: null, since: null }
    return rollUps.write(VISITORS, [{ id, expected: fence, fence: touched(fence), body: nobody }], [])
  }

  async function unlink(visitor: RollUp, user_id: string): Promise<void> {
    let current: RollUp | undefined = visitor
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (!current || (current.body as VisitorFigures).user_id !== user_id || (await unlinked(current)))
        return
      ;[current] = await rollUps.read(VISITORS, [visitor.id])
    }
    throw new Error(`the visitor ${visitor.id} kept moving while it was unlinked from its user`)
  }

  return {
    /** Which user each of these visitors turned out to be, whenever they signed in. */
    async usersOf(visitors: readonly string[]): Promise<Map<string, string>> {
      const documents = await rollUps.read(VISITORS, visitors)
      return new Map(
        documents.flatMap(({ id, body }) => {
          const { user_id } = body as VisitorFigures
          return user_id === null ? [] : [[id, user_id] as const]
        }),
      )
    },

    /**
     * Unlinks every visitor from this user. It looks through all of them: a list of visitors by user would be a record of
     * exactly what is not to be kept, and would cost every event of somebody who is signed in.
     */
    async forget(user_id: string): Promise<void> {
      let from = ''
      for (;;) {
        const page = await rollUps.range(VISITORS, { from, limit: PAGE })
        for (const visitor of page) await unlink(visitor, user_id)
        if (page.length < PAGE) return
        from = behind(page.at(-1)!.id)
        await turn()
      }
    },
  }
}

/**
 * Consumers keep documents in memory for as long as the fence is theirs. One more partition of which nothing was counted says
 * the same as before and reads otherwise, so that whoever holds the old document has to read this one.
 */
function touched(fence: Fence): Fence {
  for (let partition = 0; ; partition++) {
    const place = `${CLICKSTREAM_TOPIC}/${partition}`
    if (!(place in fence)) return { ...fence, [place]: 0 }
  }
}

import { hash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export interface ClientId {
  key: string
  id: string
  at_ms: number
}

/** Keys of the duplicates' table in one INSERT; larger requests take several. */
const MAX_KEYS = 500
const FORGET_STEP = 5_000

/**
 * The memory of client ids: (the event's own millisecond, a keyed 64-bit hash of visitor and id). Keys that
 * grow with time stay fast however many there are; the key keeps a client from making others' ids collide.
 */
export function seenTable(db: DatabaseSync) {
  const secret = (
    db.prepare("SELECT value FROM facts WHERE name = 'seen_key'").get() as { value: Uint8Array }
  ).value
  const prefix = Buffer.from(secret).toString('hex')
  const statements = new Map<number, StatementSync>()
  const single = prepare('INSERT INTO seen (t, h) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const forget = db.prepare(
    'DELETE FROM seen WHERE (t, h) IN (SELECT t, h FROM seen WHERE t < ? ORDER BY t, h LIMIT ?)',
  )

  function prepare(sql: string): StatementSync {
    const statement = db.prepare(sql)
    // Values beyond 2^53 make run() throw after the rows are written unless big integers are allowed.
    statement.setReadBigInts(true)
    return statement
  }

  function manyAtOnce(count: number): StatementSync {
    let statement = statements.get(count)
    if (!statement) {
      statement = prepare(`INSERT INTO seen (t, h) VALUES ${'(?,?),'.repeat(count).slice(0, -1)}`)
      statements.set(count, statement)
    }
    return statement
  }

  return {
    /** Remembers ids; answers the indexes of those that were known, also from earlier in the same list. */
    remember(ids: readonly (ClientId | null)[]): number[] {
      const duplicates: number[] = []
      for (let from = 0; from < ids.length; from += MAX_KEYS) {
        const chunk = ids.slice(from, from + MAX_KEYS)
        const values: (number | bigint)[] = []
        const places: number[] = []
        chunk.forEach((id, index) => {
          if (!id) return
          values.push(id.at_ms, keyed(prefix, id))
          places.push(from + index)
        })
        if (places.length === 0) continue
        try {
          manyAtOnce(places.length).run(...values)
        } catch (error) {
          if (!isDuplicate(error)) throw error
          places.forEach((index, at) => {
            if (single.run(values[at * 2]!, values[at * 2 + 1]!).changes === 0n) duplicates.push(index)
          })
        }
      }
      return duplicates
    },
    /** Forgets a step's worth of ids older than `before` (ms); true while there may be more. */
    forget(before: number): boolean {
      return Number(forget.run(before, FORGET_STEP).changes) === FORGET_STEP
    },
  }
}

function keyed(prefix: string, { key, id }: ClientId): bigint {
  return hash('sha256', `${prefix}${key.length}:${key}${id}`, 'buffer').readBigInt64LE(0)
}

const CONSTRAINT = 19

function isDuplicate(error: unknown): boolean {
  return (((error as { errcode?: number }).errcode ?? 0) & 0xff) === CONSTRAINT
}

export type SeenTable = ReturnType<typeof seenTable>

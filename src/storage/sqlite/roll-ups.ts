import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { PRODUCT_STATS, type ProductStats } from '../listing.ts'
import { type Fence, fenceText, type GroupPosition, type RollUp, type RollUps } from '../roll-ups.ts'
import { putListingStats } from './listing-writes.ts'
import type { Engine, Part, WriterContext } from './part.ts'

const MAX_RANGE = 1_000
/** Documents that one write forgets, so that dropping a large roll-up keeps nobody waiting. */
const DROPPED_AT_ONCE = 2_000

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS roll_ups (
    name TEXT NOT NULL, id TEXT NOT NULL, fence TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (name, id));
  CREATE TABLE IF NOT EXISTS group_positions (
    name TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    PRIMARY KEY (name, topic, partition)) WITHOUT ROWID`

interface RollUpRow {
  id: string
  fence: string
  body: string
}

interface RollUpsWrite {
  name: string
  documents: (RollUpRow & { expected: string | null })[]
  positions: readonly GroupPosition[]
}

export const rollUpsPart: Part = { schema: SCHEMA, writes, reads: () => ({}) }

function writes(context: WriterContext) {
  const { prepare } = context
  const add = prepare(
    'INSERT INTO roll_ups (name, id, fence, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const change = prepare('UPDATE roll_ups SET fence = ?, body = ? WHERE name = ? AND id = ? AND fence = ?')
  const raise = prepare(`INSERT INTO group_positions (name, topic, partition, "offset") VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET "offset" = max("offset", excluded."offset")`)
  const forgetPositions = prepare('DELETE FROM group_positions WHERE name = ?')
  const forget = prepare(
    'DELETE FROM roll_ups WHERE rowid IN (SELECT rowid FROM roll_ups WHERE name = ? LIMIT ?)',
  )
  return {
    'roll-ups.write': ({ name, documents, positions }: RollUpsWrite) => {
      for (const { id, fence, body, expected } of documents) {
        const { changes } =
          expected === null ? add.run(name, id, fence, body) : change.run(fence, body, name, id, expected)
        if (changes !== 1)
          throw new Refusal('version_conflict', 'fence_moved', `${name} ${id} has counted more meanwhile.`)
        if (name === PRODUCT_STATS) putListingStats(context, id, JSON.parse(body) as ProductStats)
      }
      for (const { group, topic, partition, offset } of positions) raise.run(group, topic, partition, offset)
    },
    'roll-ups.drop': (name: string) => {
      forgetPositions.run(name)
      return Number(forget.run(name, DROPPED_AT_ONCE).changes)
    },
  }
}

/** The roll-ups as the main thread has them. */
export function createRollUps(engine: Engine): RollUps {
  const wanted = engine.prepare(
    'SELECT roll_ups.id, fence, body FROM json_each(?1) AS wanted CROSS JOIN roll_ups ON name = ?2 AND roll_ups.id = wanted.value',
  )
  const from = engine.prepare(
    'SELECT id, fence, body FROM roll_ups WHERE name = ? AND id >= ? ORDER BY id LIMIT ?',
  )
  const between = engine.prepare(
    'SELECT id, fence, body FROM roll_ups WHERE name = ? AND id >= ? AND id < ? ORDER BY id LIMIT ?',
  )
  const positions = engine.prepare(
    'SELECT name AS "group", topic, partition, "offset" FROM group_positions WHERE name = ? ORDER BY topic, partition',
  )
  return {
    async read(name, ids) {
      return wanted.all(JSON.stringify(ids), name).map(toRollUp)
    },
    async range(name, { from: first = '', before, limit }) {
      if (!(limit >= 1 && limit <= MAX_RANGE))
        throw new Error(`a page holds 1 to ${MAX_RANGE} roll-ups, not ${limit}`)
      const rows =
        before === undefined ? from.all(name, first, limit) : between.all(name, first, before, limit)
      return rows.map(toRollUp)
    },
    async write(name, documents, groupPositions) {
      const rows = documents.map(({ id, fence, body, expected }) => ({
        id,
        fence: fenceText(fence),
        body: JSON.stringify(body),
        expected: expected && fenceText(expected),
      }))
      try {
        await engine.write('roll-ups.write', { name, documents: rows, positions: groupPositions })
        return true
      } catch (error) {
        if (isRefusal(error, 'fence_moved')) return false
        throw error
      }
    },
    async positions(group) {
      return positions.all(group).map((row) => ({ ...row }) as unknown as GroupPosition)
    },
    async drop(name) {
      // Positions go first: a fence makes a document that is still there skip what it has counted.
      while ((await engine.write<number>('roll-ups.drop', name)) > 0);
    },
  }
}

function toRollUp(row: object): RollUp {
  const { id, fence, body } = row as RollUpRow
  return { id, fence: JSON.parse(fence) as Fence, body: JSON.parse(body) }
}

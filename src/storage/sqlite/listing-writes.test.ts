import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { rowOf } from '../../../test/contracts/listing-fixtures.ts'
import { newId } from '../../kernel/ids.ts'
import { LISTING_TABLES } from './listing-tables.ts'
import { putListing } from './listing-writes.ts'
import { rollUpsPart } from './roll-ups.ts'

const CROWD = 1_000
const LOOKS = 20

test('products whose ids say the same time and counter are all listed, each after a few looks', (t) => {
  const db = new DatabaseSync(':memory:')
  t.after(() => db.close())
  db.exec(LISTING_TABLES)
  db.exec(rollUpsPart.schema)
  let looks = 0
  const prepare = (sql: string) => {
    const statement = db.prepare(sql)
    if (!sql.startsWith('SELECT 1 FROM listing ')) return statement
    const get = statement.get.bind(statement)
    statement.get = (...values: []) => {
      looks += 1
      return get(...values)
    }
    return statement
  }
  const first = newId('prd')
  const ids = Array.from({ length: CROWD }, (_, at) => first.slice(0, -4) + String(at).padStart(4, '0'))
  for (const id of ids) putListing({ prepare }, id, rowOf())
  const listed = db.prepare('SELECT id FROM listing ORDER BY id').all()
  assert.deepEqual(
    listed.map(({ id }) => id),
    ids,
  )
  assert.ok(looks < CROWD * LOOKS, `${looks} looks for ${CROWD} products`)
})

import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { note } from '../../../test/contracts/storage-fixtures.ts'
import { temporaryDirectory } from '../../../test/support/storage.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { IndexDefinition, ListQuery } from '../storage.ts'
import { createCollection, planCollection } from './collection-schema.ts'
import { listPage } from './queries.ts'
import { openSqliteStorage } from './sqlite-storage.ts'

const INDEXES: Record<string, IndexDefinition> = {
  by_owner: { fields: ['owner', 'rank'] },
  by_key: { fields: ['owner', 'idem.key'], unique: true },
  by_tag: { fields: ['tags', 'rank'], multi: true },
  by_code: { fields: ['parts.code'], multi: true, unique: true },
}

describe('indexes of a collection', () => {
  it('are made for documents that were there before, changed, and taken away', async (t) => {
    const directory = temporaryDirectory(t)
    const openWith = async (indexes: Record<string, IndexDefinition>) => {
      const definition = { name: 'notes', indexes }
      const storage = await openSqliteStorage({ directory, collections: [definition], clock: systemClock })
      return { storage, notes: storage.collection(definition) }
    }
    const first = await openWith({})
    const draft = note({ id: 'op_1', tags: ['a', 'b', 'a'], parts: [{ code: 'C' }], idem: { key: 'k' } })
    await first.notes.insertMany([draft, note({ id: 'op_2', tags: ['b'], owner: 'usr_2' })])
    await first.storage.close()

    const second = await openWith(INDEXES)
    const idsOf = async (query: ListQuery) => (await second.notes.list(query)).items.map(({ id }) => id)
    assert.deepEqual(await idsOf({ index: 'by_owner', equal: ['usr_1'], limit: 9 }), ['op_1'])
    assert.deepEqual(await idsOf({ index: 'by_tag', equal: ['b'], limit: 9 }), ['op_1', 'op_2'])
    assert.equal((await second.notes.getBy('by_key', ['usr_1', 'k']))!.id, 'op_1')
    assert.equal((await second.notes.getBy('by_code', ['C']))!.id, 'op_1')
    await second.storage.close()

    const third = await openWith({ by_owner: { fields: ['state', 'owner'] } })
    const { items } = await third.notes.list({ index: 'by_owner', equal: ['new'], order: 'desc', limit: 9 })
    assert.deepEqual(
      items.map(({ id }) => id),
      ['op_2', 'op_1'],
    )
    await third.notes.insert(note({ idem: { key: 'k' }, parts: [{ code: 'C' }] }))
    await third.storage.close()

    // Now two documents have the same code: the index that forbids it cannot be made.
    await assert.rejects(openWith(INDEXES))
  })

  it('answer every list in their own order: nothing is sorted and no other index is used', () => {
    const db = new DatabaseSync(':memory:')
    const plan = planCollection({ name: 'notes', indexes: INDEXES })
    createCollection(db, plan)
    const queries: Omit<ListQuery, 'limit'>[] = [
      { index: 'by_owner', equal: ['usr_1'] },
      { index: 'by_owner', equal: ['usr_1'], range: { from: 1, before: 9 } },
      { index: 'by_owner', equal: ['usr_1', 1] },
      { index: 'by_key', equal: ['usr_1'], range: { prefix: 'k' } },
      { index: 'by_tag', equal: ['a'] },
      { index: 'by_tag', equal: ['a', 1] },
      { index: 'by_code', equal: ['C'] },
    ]
    for (const query of queries) {
      for (const order of ['asc', 'desc'] as const) {
        for (const after of [undefined, { value: 5, id: 'op_5' }]) {
          let sql = ''
          const noting = (text: string) => {
            sql = text
            return db.prepare(text)
          }
          listPage(noting, plan, { ...query, order, after, limit: 9 })
          const marks = Array.from(sql.matchAll(/\?/g), () => 1)
          const steps = db
            .prepare(`EXPLAIN QUERY PLAN ${sql}`)
            .all(...marks)
            .map(({ detail }) => String(detail))
          assert.match(
            steps[0]!,
            plan.indexes[query.index]!.multi ? /SEARCH s USING PRIMARY KEY/ : /SEARCH d USING INDEX notes\./,
          )
          assert.ok(!steps.some((step) => step.includes('TEMP B-TREE')), `${sql}: ${steps.join('; ')}`)
        }
      }
    }
    db.close()
  })

  it('refuse names and paths that are none', () => {
    const plan = (name: string, index: string, field: string) => () =>
      planCollection({ name, indexes: { [index]: { fields: [field] } } })
    assert.throws(plan('notes"', 'by_owner', 'owner'))
    assert.throws(plan('notes', 'by owner', 'owner'))
    assert.throws(plan('notes', 'by_owner', "owner' OR 1"))
    assert.throws(plan('notes', 'by_owner', 'a..b'))
    assert.throws(() => planCollection({ name: 'notes', indexes: { by_nothing: { fields: [] } } }))
  })
})

import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { Refusal } from '../../kernel/errors.ts'
import { createCommitter } from './commit.ts'
import { statementCache } from './connection.ts'
import { outboxPart } from './outbox.ts'

const FULL = 13
const IOERR_FSYNC = 1034

/** A committer over one table, whose writes may be told to fail behind their change. */
function openCommitter() {
  const db = new DatabaseSync(':memory:')
  db.exec(`CREATE TABLE kept (name TEXT); ${outboxPart.schema}`)
  const commit = createCommitter({
    db,
    prepare: statementCache(db),
    clock: () => 1,
    handlers: ({ prepare, tell }) => ({
      keep({ name, fail }: { name: string; fail?: () => Error }) {
        prepare('INSERT INTO kept VALUES (?)').run(name)
        tell({ topic: 'ecommerce-orders', json: '{}' })
        if (fail) throw fail()
        return name
      },
    }),
  })
  const write = (name: string, fail?: () => Error) => ({ kind: 'keep', input: { name, fail } })
  const kept = () =>
    db
      .prepare('SELECT name FROM kept')
      .all()
      .map(({ name }) => name)
  const told = () => db.prepare('SELECT count(*) AS count FROM outbox').get()!.count
  return { db, commit, write, kept, told }
}

describe('a batch', () => {
  it('loses of its writes just those that failed', () => {
    const { commit, write, kept, told } = openCommitter()
    const refusal = new Refusal('conflict', 'taken', 'It is taken.')
    const answer = commit([
      write('a'),
      write('b', () => refusal),
      write('c', () => new TypeError('a bug')),
      write('d'),
    ])
    assert.deepEqual(kept(), ['a', 'd'])
    assert.equal(told(), 2)
    assert.equal(answer.told, true)
    assert.deepEqual(
      answer.outcomes.map((outcome) => Object.keys(outcome)[0]),
      ['value', 'refusal', 'error', 'value'],
    )
  })

  it('brings no news when all that told something failed', () => {
    const { commit, write } = openCommitter()
    assert.equal(commit([write('a', () => new Error('no'))]).told, false)
    assert.equal(commit([{ kind: 'unknown', input: null }]).told, false)
  })

  it('fails as a whole when the transaction is gone', () => {
    const { db, commit, write, kept } = openCommitter()
    const full = () => {
      db.exec('ROLLBACK')
      return Object.assign(new Error('database or disk is full'), { errcode: FULL })
    }
    const answer = commit([write('a'), write('b', full), write('c')])
    assert.deepEqual(kept(), [])
    assert.equal(answer.failed, true)
    for (const outcome of answer.outcomes)
      assert.equal('refusal' in outcome && outcome.refusal.code, 'storage_unavailable')
    assert.deepEqual(commit([write('d')]).outcomes, [{ value: 'd' }])
    assert.deepEqual(kept(), ['d'])
  })

  it('answers nothing after a failed sync', () => {
    const { commit, write } = openCommitter()
    const failed = Object.assign(new Error('disk I/O error'), { errcode: IOERR_FSYNC })
    const answer = commit([write('a'), write('b', () => failed)])
    assert.deepEqual(answer, { outcomes: [], told: false, fatal: 'disk I/O error' })
  })
})

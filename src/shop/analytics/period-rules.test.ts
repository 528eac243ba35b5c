import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from '../../kernel/errors.ts'
import { documentsOf, periodBefore, periodOf } from './period-rules.ts'
import { DAY_MS, HOUR_MS } from './schema.ts'

const now = Date.parse('2026-11-23T10:20:30Z')
const utc = (text: string) => Date.parse(text)

test('without a question the period is the 30 days that end with the running hour', () => {
  const to = utc('2026-11-23T11:00:00Z')
  assert.deepEqual(periodOf({}, now), { from: to - 30 * DAY_MS, to })
})

test('the period before is as long and ends where this one begins', () => {
  assert.deepEqual(periodBefore({ from: 10 * HOUR_MS, to: 14 * HOUR_MS }), {
    from: 6 * HOUR_MS,
    to: 10 * HOUR_MS,
  })
})

test('a period that is empty, reversed, endless or off the calendar is refused', () => {
  const bad = [
    { from: '2026-02-30T00:00:00Z', to: '2026-03-05T00:00:00Z' },
    { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
    { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' },
    { from: '1970-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' },
    { from: '2026-01-01T25:00:00Z' },
  ]
  for (const query of bad)
    assert.throws(
      () => periodOf(query, now),
      (error) => isRefusal(error, 'bad_period'),
    )
})

test('years are read as months, with days and hours at the edges', () => {
  const ids = documentsOf({ from: utc('2024-12-30T22:00:00Z'), to: utc('2026-02-02T01:00:00Z') })
  assert.deepEqual(ids.slice(0, 3), ['hour:2024-12-30T22', 'hour:2024-12-30T23', 'day:2024-12-31'])
  assert.deepEqual(ids.slice(-2), ['day:2026-02-01', 'hour:2026-02-02T00'])
  assert.equal(ids.filter((id) => id.startsWith('month:')).length, 13)
  assert.equal(ids.length, 18)
})

test('the documents of any period cover each of its hours once', () => {
  const hour = fc.integer({ min: 0, max: 24 * 400 })
  fc.assert(
    fc.property(hour, hour, (a, b) => {
      const start = utc('2027-12-01T00:00:00Z')
      const [from, to] = [start + Math.min(a, b) * HOUR_MS, start + Math.max(a, b) * HOUR_MS]
      const ids = documentsOf({ from, to })
      let hours = 0
      for (const id of ids) {
        const [kind, name] = id.split(/:(.*)/s) as [string, string]
        if (kind === 'hour') hours += 1
        else if (kind === 'day') hours += 24
        else hours += new Date(Date.UTC(Number(name.slice(0, 4)), Number(name.slice(5)), 0)).getUTCDate() * 24
      }
      assert.equal(hours, (to - from) / HOUR_MS)
      assert.equal(new Set(ids).size, ids.length)
    }),
  )
})

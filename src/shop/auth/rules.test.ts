import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '../../kernel/ids.ts'
import {
  ACCOUNT_POLICY,
  countAttempt,
  countSuccess,
  isKnownNetwork,
  PAIR_POLICY,
  waitBeforeAttempt,
} from './attempt-rules.ts'
import { isAlive, readClaims } from './claim-rules.ts'
import { countRotation, isUsable } from './rules.ts'
import { MAX_ROTATIONS_PER_MINUTE } from './schema.ts'

const sound = { sub: newId('usr'), sid: newId('ses'), jti: 'x', role: 'customer', iat: 100, exp: 200 }

test('claims are read only when each is of the kind that this server writes', () => {
  assert.deepEqual(readClaims(sound), sound)
  const faults: Record<string, unknown>[] = [
    { sub: { $ne: null } },
    { sub: 7 },
    { sub: 'usr_x' },
    { sid: newId('usr') },
    { jti: '' },
    { role: 'root' },
    { role: ['admin'] },
    { exp: '200' },
    { exp: Number.POSITIVE_INFINITY },
    { iat: null },
    { nbf: 'now' },
  ]
  for (const fault of faults)
    assert.equal(readClaims({ ...sound, ...fault }), undefined, JSON.stringify(fault))
})

test('a token lives from its beginning to its end, with a minute for clocks that differ', () => {
  const claims = { iat: 1_000, exp: 1_900 }
  assert.equal(isAlive(claims, 1_899_999), true)
  assert.equal(isAlive(claims, 1_900_000), false)
  assert.equal(isAlive(claims, 940_000), true)
  assert.equal(isAlive(claims, 939_000), false)
})

test('ten attempts are free, then the delay doubles up to a quarter of an hour', () => {
  let counts = countAttempt(undefined, PAIR_POLICY, 0)
  for (let attempt = 2; attempt < 10; attempt++) counts = countAttempt(counts, PAIR_POLICY, 0)
  assert.equal(waitBeforeAttempt(counts, 0), 0)
  const delays = [10, 11, 12, 13, 14, 15, 16].map(() => {
    counts = countAttempt(counts, PAIR_POLICY, counts.blocked_until)
    return (counts.blocked_until - counts.last_attempt_at) / 1_000
  })
  assert.deepEqual(delays, [30, 60, 120, 240, 480, 900, 900])
})

test('the delay of an account stays so short that its owner gets a turn', () => {
  let counts = countAttempt(undefined, ACCOUNT_POLICY, 0)
  for (let attempt = 1; attempt < 10_000; attempt++) counts = countAttempt(counts, ACCOUNT_POLICY, 0)
  assert.equal(waitBeforeAttempt(counts, 0), 30_000)
})

test('an hour without attempts forgets them, a success at once and makes the network known', () => {
  const tenth = { ...countAttempt(undefined, PAIR_POLICY, 0), attempts: 30 }
  assert.equal(countAttempt(tenth, PAIR_POLICY, PAIR_POLICY.forget_ms + 1).attempts, 1)
  const known = countAttempt(countSuccess(10), PAIR_POLICY, 20)
  assert.equal(known.attempts, 1)
  assert.equal(isKnownNetwork(known, 20), true)
  assert.equal(isKnownNetwork(tenth, 20), false)
  assert.equal(isKnownNetwork(undefined, 20), false)
})

test('a family rotates so often a minute and not oftener', () => {
  let rotations = { since: 0, count: 0 }
  for (let turn = 0; turn < MAX_ROTATIONS_PER_MINUTE; turn++) rotations = countRotation(rotations, 1_000)!
  assert.equal(countRotation(rotations, 1_000), undefined)
  assert.deepEqual(countRotation(rotations, 60_000), { since: 60_000, count: 1 })
})

test('a session stands for its own active user, until its end and while the account has not signed out', () => {
  const session = { user_id: 'u', user_epoch: 3, expires_at: 100 }
  const user = { id: 'u', status: 'active' as const, session_epoch: 3 }
  assert.equal(isUsable(session, user, 99), true)
  assert.equal(isUsable(session, user, 100), false)
  assert.equal(isUsable(session, { ...user, id: 'v' }, 99), false)
  assert.equal(isUsable(session, { ...user, session_epoch: 4 }, 99), false)
  assert.equal(isUsable(session, { ...user, status: 'deactivated' }, 99), false)
})

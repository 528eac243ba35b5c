import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { User } from '../users/schema.ts'
import type { Session } from './schema.ts'
import { createStanding } from './standing.ts'

test('a session is remembered for five seconds, also when the clock is put back meanwhile', async () => {
  let now = Date.UTC(2026, 0, 1)
  let reads = 0
  const session = { id: 'ses_1', user_id: 'usr_1', expires_at: now + 1e9 } as Session
  const { of } = createStanding({
    async findSession() {
      reads++
      return session
    },
    users: { find: async () => ({ id: 'usr_1', role: 'customer', status: 'active' }) as User },
    clock: { now: () => now },
  })
  const asked = () => of({ sub: 'usr_1', sid: 'ses_1' }, { fresh: false })
  await asked()
  now += 4_999
  await asked()
  assert.equal(reads, 1)
  now += 1
  await asked()
  assert.equal(reads, 2)
  now -= 3_600_000
  await asked()
  assert.equal(reads, 3)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClock } from '../../../test/support/accounts.ts'
import { SILENT } from '../../../test/support/log.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { Erasure, User } from '../users/schema.ts'
import { createPersons } from './persons.ts'
import { FILES, MAX_PAUSE_MS, type PersonalParts } from './schema.ts'

const MINUTE_MS = 60_000

/** An erasure that began now, with a file that cannot be overwritten as long as `in_the_way`. */
function openErasure(parts: PersonalParts = {}) {
  const clock = testClock()
  const state = { in_the_way: true, scrubs: 0, erased: false }
  let user = {
    id: 'usr_ann',
    status: 'erasing',
    erasure: { by: 'usr_owner', began_at: clock.now(), due_at: clock.now(), account: '' },
  } as User
  const erasing = {
    begin: async () => user,
    due: async () => (user.erasure!.due_at <= clock.now() && !state.erased ? [user] : []),
    async postpone(_: User, next: Pick<Erasure, 'due_at' | 'waits_for'>) {
      user = { ...user, erasure: { ...user.erasure!, ...next } }
    },
    async finish() {
      state.erased = true
    },
  }
  const persons = createPersons({
    users: { erasing, get: async () => user } as unknown as Parameters<typeof createPersons>[0]['users'],
    orders: { demandDone: async () => {} },
    parts,
    signOut: async () => {},
    async scrub() {
      state.scrubs++
      if (state.in_the_way) throw new Error('readers are in the way')
    },
    clock,
    logger: SILENT,
  })
  return { persons, clock, state, erasure: () => user.erasure! }
}

test('a file that cannot be overwritten is asked again the more seldom the longer it takes, up to once an hour', async () => {
  const { persons, clock, state, erasure } = openErasure()
  for (let minutes = 0; minutes < 24 * 60; minutes++) {
    await persons.recover()
    clock.turn(MINUTE_MS)
  }
  assert.ok(state.scrubs > 24 && state.scrubs < 40, `${state.scrubs} times in a day`)
  assert.deepEqual(erasure().waits_for, [FILES])
  assert.ok(!state.erased)
  state.in_the_way = false
  clock.turn(MAX_PAUSE_MS)
  await persons.recover()
  assert.ok(state.erased)
})

test('who asks for an erasure is answered while the first look through everything goes on', async () => {
  const looking = Promise.withResolvers<void>()
  const rest = Promise.withResolvers<void>()
  async function forget() {
    looking.resolve()
    await rest.promise
  }
  const { persons } = openErasure({ visits: { forget } })
  persons.start()
  const owner = {
    kind: 'user',
    id: 'usr_owner',
    role: 'super_admin',
    session_id: 'ses_1',
  } satisfies UserPrincipal
  assert.equal((await persons.erase(owner, 'usr_ann')).status, 'erasing')
  await looking.promise
  rest.resolve()
  await persons.stop()
})

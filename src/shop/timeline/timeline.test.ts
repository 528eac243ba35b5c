import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testEvent } from '../../../test/support/log.ts'
import { openTestStorage } from '../../../test/support/storage.ts'
import { TOLD_EVENTS } from './schema.ts'
import { createTimeline } from './timeline.ts'

const place = { topic: 'ecommerce-user-events', partition: 0, offset: 0 } as const

test('a sign-in that is read when its person is gone is kept without its session', async (t) => {
  const { storage } = await openTestStorage(t, [TOLD_EVENTS])
  const events = ['usr_ann', 'usr_bob'].map((user_id, offset) => ({
    ...testEvent({ key: user_id, subject: `users/${user_id}`, sequence: 1, type: 'user_login' }),
    id: `evt_${offset}`,
    data: { user_id, session_id: `ses_${user_id}` },
  }))
  const gone = { events: async () => new Set([events[0]!]) }
  const timeline = createTimeline({ storage, gone, visits: undefined, usersOf: async () => new Map() })
  await timeline.reaction.handle(events, [place, { ...place, offset: 1 }])
  const sessionOf = async (key: string) =>
    (await timeline.list({ of: 'user', key, limit: 10 })).items.map(({ session_id, data }) => [
      session_id,
      data.session_id,
    ])
  assert.deepEqual(await sessionOf('usr_ann'), [[null, undefined]])
  assert.deepEqual(await sessionOf('usr_bob'), [['ses_usr_bob', 'ses_usr_bob']])
})

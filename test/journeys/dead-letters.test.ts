import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { testClock } from '../support/accounts.ts'
import type { Body } from '../support/http-client.ts'
import { testEvent } from '../support/log.ts'
import { ADMIN, type RunningShop, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'

const DAY_MS = 86_400_000
const clock = testClock()

let shop: RunningShop
before(async () => {
  shop = await startShop({ clock })
})
after(() => shop.stop())

// The clock is turned beyond the life of a token.
const owner = () => shop.login(ADMIN.email, ADMIN.password)

async function letters(query = ''): Promise<Body[]> {
  await shop.caughtUp()
  const { status, body, text } = await (await owner()).get(`/admin/dead-letters?limit=100${query}`)
  assert.equal(status, 200, text)
  return body.items
}
const retry = async (id: string) => (await owner()).post(`/admin/dead-letters/${id}/retry`)

test('what the door did not take is listed with its reason and in outline, and is not made up again from that', async () => {
  const event = { type: 'no such type', anonymous_id: 'visitor-1' }
  await shop.asGuest().post('/events', [event])
  const [letter] = await letters('&include=original')
  assert.deepEqual([letter.type, letter.state], ['clickstream_rejected', 'waiting'])
  assert.match(letter.reason, /^invalid_event: \/type/)
  assert.deepEqual(JSON.parse(letter.original), { ...event, type: '<text of 12>' })

  const { status, body } = await retry(letter.id)
  assert.deepEqual([status, body.state], [202, 'waiting'])
  assert.match(body.reason, /outline/)
})

test('an event that came too early is taken when it is tried again, once', async () => {
  const timestamp = new Date(clock.now() + 2 * DAY_MS).toISOString()
  const early = { type: 'page_view', anonymous_id: 'visitor-2', event_id: 'early', timestamp }
  const { body } = await shop.asGuest().post('/events', early)
  assert.equal(body.rejected[0].code, 'event_id_out_of_time')
  const [letter] = await letters()
  clock.turn(1.5 * DAY_MS)
  for (let times = 0; times < 2; times++) assert.equal((await retry(letter.id)).body.state, 'settled')
  await shop.caughtUp()
  const { body: told } = await (await owner()).get('/admin/events?visitor=visitor-2')
  assert.equal(told.items.length, 1)
  assert.equal((await letters())[0].state, 'settled')
})

test('what somebody signed in sent too early is kept in outline, so that it cannot outlive them', async () => {
  const timestamp = new Date(clock.now() + 2 * DAY_MS).toISOString()
  const early = { type: 'search', anonymous_id: 'visitor-4', event_id: 'own', timestamp, query: 'a cure' }
  const ann = await shop.registerCustomer()
  assert.equal((await ann.post('/events', early)).body.rejected[0].code, 'event_id_out_of_time')
  const [letter] = await letters('&include=original')
  assert.deepEqual(JSON.parse(letter.original), { ...early, query: '<text of 6>' })
  assert.match((await retry(letter.id)).body.reason, /outline/)
})

test('a subject that a consumer has parked is read on when somebody asks, and stays parked when it cannot be', async () => {
  const poison = testEvent({
    key: 'visitor-3',
    subject: 'visitors/visitor-3',
    sequence: 0,
    type: 'page_view',
  })
  const record = { ...poison, id: newId('evt', clock.now()), data: null }
  await shop.application.log.appendClickstream([
    { key: 'visitor-3', dedup: null, json: JSON.stringify(record) },
  ])
  await until(async () => (await letters()).some(({ group }) => group === 'visitors'))
  const letter = (await letters()).find(({ group }) => group === 'visitors')!
  assert.deepEqual(
    [letter.type, letter.state, letter.topic, letter.subject],
    ['consumer_rejected', 'waiting', 'ecommerce-clickstream', 'visitors/visitor-3'],
  )
  const { status, body } = await retry(letter.id)
  assert.equal(status, 202)
  assert.ok(['asked', 'waiting'].includes(body.state))
  await until(async () => (await letters()).find(({ id }) => id === letter.id)!.state === 'waiting')
  const { items } = (await (await owner()).get('/admin/attention')).body
  assert.ok(items.some(({ message }: Body) => message.includes('visitors/visitor-3')))
})

test('a retry is in the audit log, and one of no letter is refused', async () => {
  const [letter] = await letters()
  await retry(letter.id)
  await shop.caughtUp()
  const { body } = await (await owner()).get(`/admin/audit-log?subject=dead_letters/${letter.id}`)
  assert.equal(body.items[0].type, 'dead_letter_retried')
  const { status, body: refused } = await retry('evt_none')
  assert.deepEqual([status, refused.code], [404, 'dead_letter_not_found'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testEvent } from '../../../test/support/log.ts'
import { deedOf } from './deed-rules.ts'
import { MAX_TOLD_CHARACTERS } from './schema.ts'
import { digestWith } from './sealing.ts'

const told = (type: string, data: object, topic: 'ecommerce-inventory' | 'ecommerce-user-events') => {
  const { before, after } = deedOf(testEvent({ key: 'k', type, data }), topic, 'admin', digestWith('key'))
  return { before: JSON.parse(before), after: JSON.parse(after) }
}

test('an entry tells before and after as far as the event does', () => {
  const change = {
    price: 2,
    status: 'active',
    from_status: 'draft',
    changed: ['price'],
    before: { price: 1 },
  }
  assert.deepEqual(told('product_updated', change, 'ecommerce-inventory'), {
    before: { price: 1, status: 'draft' },
    after: { price: 2, status: 'active', changed: ['price'] },
  })
  const role = { user_id: 'usr_1', from: 'customer', to: 'admin', status: 'active' }
  assert.deepEqual(told('user_role_changed', role, 'ecommerce-user-events'), {
    before: { role: 'customer' },
    after: { user_id: 'usr_1', role: 'admin', status: 'active' },
  })
})

test('what belongs to a person stands in an entry as a digest that needs the key', () => {
  const data = { user_id: 'usr_1', address: { name: 'Ann', city: 'Leeds', line1: 'High Street' } }
  const { after } = told('profile_updated', data, 'ecommerce-user-events')
  assert.equal(after.user_id, 'usr_1')
  assert.doesNotMatch(JSON.stringify(after), /Ann|High Street/)
  assert.equal(after.address.name, digestWith('key')('Ann'))
  assert.notEqual(after.address.name, digestWith('other')('Ann'))
  assert.equal(told('category_created', { name: 'Lights' }, 'ecommerce-inventory').after.name, 'Lights')
})

test('an event that is too long for an entry is told by its length', () => {
  const { after } = told('product_updated', { text: 'x'.repeat(MAX_TOLD_CHARACTERS) }, 'ecommerce-inventory')
  assert.deepEqual(Object.keys(after), ['too_long'])
})

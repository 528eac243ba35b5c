import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passwordFaults } from './password-rules.ts'
import { cleanName, effectiveChange, emailFaults, foldEmail, mayManage, nameFaults } from './rules.ts'
import type { SuperAdminEntry, User } from './schema.ts'
import {
  SUPER_ADMIN_SETTLE_MS,
  settleSuperAdmins,
  withoutSuperAdmin,
  withSuperAdmin,
} from './super-admin-rules.ts'

test('addresses that look alike to a person are one', () => {
  const composed = 'caf\u00e9@x.org'
  for (const variant of ['CAF\u00c9@X.ORG', 'cafe\u0301@x.org', ' Cafe\u0301@x.org ', 'ｃafé@x.org']) {
    assert.equal(foldEmail(variant), composed)
  }
  assert.equal(foldEmail('STRASSE@x.org'), foldEmail('straße@x.org'))
})

test('an e-mail has one at sign, a domain with a dot and nothing that could break a line', () => {
  const refused = [
    '',
    'a',
    'a@b',
    '@x.org',
    'a@x..org',
    'a b@x.org',
    'a@x.org\r\nBcc: b@x.org',
    'a@b@x.org',
    'a\u0000@x.org',
  ]
  for (const text of refused) assert.equal(emailFaults(foldEmail(text)).length, 1, JSON.stringify(text))
  for (const text of ['a@x.org', "o'neil+shop@mail.example.co.uk", 'админ@пример.рф']) {
    assert.deepEqual(emailFaults(foldEmail(text)), [], text)
  }
})

test('a name is one line of plain text, markup included', () => {
  assert.equal(cleanName('  Ada \n\t Lovelace '), 'Ada Lovelace')
  assert.deepEqual(nameFaults(cleanName('<img src=x onerror=alert(1)>')), [])
  for (const name of ['', '   ', 'a\u0007b', 'abc\u202etxt', 'x'.repeat(101)]) {
    assert.equal(nameFaults(cleanName(name)).length, 1, JSON.stringify(name))
  }
})

test('a password is judged by its length in characters and by how common it is', () => {
  const policy = { min_length: 10, isCommon: (password: string) => password === 'correct horse' }
  assert.equal(passwordFaults('short', policy)[0]?.code, 'password_length')
  assert.equal(passwordFaults('😀'.repeat(9), policy)[0]?.code, 'password_length')
  assert.deepEqual(passwordFaults('😀'.repeat(10), policy), [])
  assert.equal(passwordFaults('x'.repeat(1_025), policy)[0]?.code, 'password_length')
  assert.equal(passwordFaults('correct horse', policy)[0]?.code, 'password_common')
})

test('only a super_admin manages accounts', () => {
  for (const target of ['customer', 'admin', 'super_admin'] as const) {
    assert.equal(mayManage('customer', target), false)
    assert.equal(mayManage('admin', target), false)
    assert.equal(mayManage('super_admin', target), true)
  }
})

test('a change to what is there already is none', () => {
  const user = { name: 'Ada', role: 'admin', status: 'active' } as User
  assert.deepEqual(effectiveChange(user, { name: 'Ada', role: 'customer' }), { role: 'customer' })
})

const member = (user_id: string, since = 0): SuperAdminEntry => ({ user_id, state: 'member', since })

test('nobody leaves the list of super_admins unless somebody remains who truly is one', () => {
  const leaver = { user_id: 'a', now: 5 }
  assert.equal(withoutSuperAdmin([member('a')], new Set(['a']), leaver), undefined)
  assert.equal(withoutSuperAdmin([member('a'), member('b')], new Set(['a']), leaver), undefined)
  const leaving: SuperAdminEntry = { user_id: 'b', state: 'leaving', since: 0 }
  assert.equal(withoutSuperAdmin([member('a'), leaving], new Set(['a', 'b']), leaver), undefined)
  assert.deepEqual(withoutSuperAdmin([member('a'), member('b')], new Set(['a', 'b']), leaver), [
    member('b'),
    { user_id: 'a', state: 'leaving', since: 5 },
  ])
})

test('what a crash left in the list follows the documents after a minute', () => {
  const now = SUPER_ADMIN_SETTLE_MS
  const left: SuperAdminEntry[] = [{ user_id: 'a', state: 'leaving', since: 0 }, member('b'), member('c', 1)]
  assert.deepEqual(settleSuperAdmins(left, new Set(['a']), now), [member('a'), member('c', 1)])
  assert.deepEqual(withSuperAdmin([member('a')], 'a', 7), [member('a', 7)])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStorage } from '../../../test/support/storage.ts'
import { systemClock as clock } from '../../kernel/clock.ts'
import { newId, withPrefix } from '../../kernel/ids.ts'
import type { Collection, Storage } from '../../storage/storage.ts'
import { createAuditChain } from './chain.ts'
import { AUDIT_CHAIN, AUDIT_LOG, type AuditEntry, type Deed } from './schema.ts'
import { hashOf } from './sealing.ts'
import { verifyChain } from './verifying.ts'

function deed(before = '{}', after = '{}'): Deed {
  const event_id = newId('evt')
  const what = { topic: 'ecommerce-inventory', type: 'product_updated', subject: 'products/prd_1' }
  const who = { actor: 'usr_1', role: 'admin' as const, origin: null, at: new Date().toISOString() }
  return { id: withPrefix(event_id, 'aud'), event_id, ...who, ...what, before, after }
}
const deeds = (count: number) => Array.from({ length: count }, () => deed())

async function entriesOf(storage: Pick<Storage, 'collection'>): Promise<AuditEntry[]> {
  return (await storage.collection(AUDIT_LOG).list({ index: 'place', limit: 1_000 })).items
}

test('entries follow each other without gaps, and what comes twice stands there once', async (t) => {
  const { storage } = await openTestStorage(t, [AUDIT_LOG, AUDIT_CHAIN])
  const chain = createAuditChain({ storage, clock })
  const [first, second, third] = deeds(3) as [Deed, Deed, Deed]
  await chain.append([first, second])
  await chain.append([second, first, third])
  const entries = await entriesOf(storage)
  assert.deepEqual(
    entries.map(({ seq, id }) => [seq, id]),
    [first, second, third].map(({ id }, index) => [index + 1, id]),
  )
  const found = await verifyChain({ storage })
  assert.deepEqual(found, { sound: true, end: { seq: 3, hash: entries[2]!.hash } })
})

test('several writers make one chain, whatever of it each of them has in hand', async (t) => {
  const { storage } = await openTestStorage(t, [AUDIT_LOG, AUDIT_CHAIN])
  const shared = deeds(30)
  const writers = [0, 1, 2].map((writer) => {
    const chain = createAuditChain({ storage, clock })
    return async () => {
      for (let from = writer; from < shared.length; from += 5)
        await chain.append(shared.slice(from, from + 7))
    }
  })
  await Promise.all(writers.map((write) => write()))
  assert.equal((await entriesOf(storage)).length, shared.length)
  assert.equal((await verifyChain({ storage })).sound, true)
})

test('what was decided before a crash is in its place as soon as somebody appends', async (t) => {
  const { storage } = await openTestStorage(t, [AUDIT_LOG, AUDIT_CHAIN])
  const dying: Pick<Storage, 'collection'> = {
    collection(definition) {
      const collection = storage.collection(definition)
      const insertMany: Collection<never>['insertMany'] = async () => {
        throw new Error('died before the entries')
      }
      return definition.name === AUDIT_LOG.name ? { ...collection, insertMany } : collection
    },
  }
  const decided = deeds(2)
  await assert.rejects(createAuditChain({ storage: dying, clock }).append(decided), /died/)
  assert.equal((await verifyChain({ storage })).sound, true)
  await createAuditChain({ storage, clock }).append([...decided, deed()])
  assert.equal((await entriesOf(storage)).length, 3)
  assert.equal((await verifyChain({ storage })).sound, true)
})

test('the walk names the first entry that was changed, is missing or was added', async (t) => {
  const { storage } = await openTestStorage(t, [AUDIT_LOG, AUDIT_CHAIN])
  await createAuditChain({ storage, clock }).append(deeds(150))
  const entries = storage.collection(AUDIT_LOG)
  const [tenth, twentieth] = (await entriesOf(storage)).filter(({ seq }) => seq === 10 || seq === 20)
  const brokenAt = async () => {
    const found = await verifyChain({ storage })
    return found.sound ? null : found.seq
  }
  assert.equal(await brokenAt(), null)
  const changed = await entries.replace({ ...twentieth!, after: '{"price":1}' })
  assert.equal(await brokenAt(), 20)
  // Whoever makes the hash of a changed entry anew breaks what follows it.
  const forged = { ...changed, after: '{"price":1}' }
  const rehashed = await entries.replace({ ...forged, hash: hashOf(forged) })
  assert.equal(await brokenAt(), 21)
  await entries.replace({ ...rehashed, after: twentieth!.after, hash: twentieth!.hash })
  assert.equal(await brokenAt(), null)
  await entries.remove(tenth!.id, tenth!.version)
  assert.equal(await brokenAt(), 10)
  const { version: _, sequences: __, ...gone } = tenth!
  await entries.insert(gone)
  await entries.insert({ ...gone, id: withPrefix(newId('evt'), 'aud'), seq: 151 })
  assert.equal(await brokenAt(), 151)
})

test('a chain that was made anew as a whole is told by an end that was noted elsewhere', async (t) => {
  const { storage } = await openTestStorage(t, [AUDIT_LOG, AUDIT_CHAIN])
  await createAuditChain({ storage, clock }).append(deeds(3))
  const found = await verifyChain({ storage })
  assert.ok(found.sound)
  const { end } = found
  assert.equal((await verifyChain({ storage }, end)).sound, true)
  const noted = { seq: 2, hash: end.hash }
  assert.deepEqual(await verifyChain({ storage }, noted), {
    ...{ sound: false, seq: 2, reason: `it is not the one that was noted: ${end.hash}` },
  })
  assert.equal((await verifyChain({ storage }, { seq: 4, hash: end.hash })).sound, false)
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createKeyLeases } from '../../src/http/idempotency-leases.ts'
import {
  IDEMPOTENCY_KEYS,
  type IdempotencyKey,
  KEY_RETENTION_MS,
  type KeptAnswer,
} from '../../src/http/idempotency-store.ts'
import { isRefusal } from '../../src/kernel/errors.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { Collection } from '../../src/storage/storage.ts'
import { openTestStorage } from '../support/storage.ts'
import { replyLost } from '../support/tapped-storage.ts'
import { until } from '../support/until.ts'

const LEASE_MS = 400
const ANSWER: KeptAnswer = { status: 201, headers: {}, body: '{"made":true}' }
const REQUEST = { key: 'k', fingerprint: 'f' }

/** Stores of several nodes on one storage; `over` is what a node sees of its keys. */
async function openNodes(t: TestContext) {
  const { storage } = await openTestStorage(t, [IDEMPOTENCY_KEYS])
  const keys = storage.collection(IDEMPOTENCY_KEYS)
  // Stands still unless the test turns it, so that a slow machine lets no lease run out.
  let now = Date.now()
  const node = ({ over = keys, wait_ms = 10_000 } = {}) => {
    const store = createKeyLeases({ keys: over, clock: { now: () => now }, wait_ms, lease_ms: LEASE_MS })
    t.after(store.stop)
    const claim = (request = REQUEST) => store.claim('POST /x usr_1', request, newId('op'))
    return { ...store, claim }
  }
  return {
    keys,
    node,
    pass(ms: number) {
      now += ms
    },
  }
}

type Node = ReturnType<Awaited<ReturnType<typeof openNodes>>['node']>

async function running(node: Node): Promise<IdempotencyKey> {
  const claim = await node.claim()
  assert.ok('run' in claim)
  return claim.run
}

test('a repeat at another node waits for the first request and hears its answer', async (t) => {
  const { keys, node, pass } = await openNodes(t)
  const first = node()
  const run = await running(first)
  let heard = 0
  const repeats = [node(), node()].map((other) => other.claim().finally(() => heard++))
  // Far longer than a lease, which the first request renews.
  let lease = run.lease!.until
  for (let turn = 0; turn < 6; turn++) {
    pass(LEASE_MS / 2)
    await until(async () => (await keys.get(run.id))!.lease!.until > lease)
    lease = (await keys.get(run.id))!.lease!.until
  }
  assert.equal(heard, 0)
  await first.finish(run, ANSWER)
  assert.deepEqual(await Promise.all(repeats), [{ replay: ANSWER }, { replay: ANSWER }])
})

test('a request whose node died is gone on with under the same operation id, by one of those who wait', async (t) => {
  const { node, pass } = await openNodes(t)
  const dead = node()
  const lost = await running(dead)
  await dead.stop()
  const [one, other] = [node(), node()]
  const claims = [one.claim(), other.claim()]
  pass(LEASE_MS)
  const taken = await Promise.race(claims.map((claim, index) => claim.then((got) => ({ got, index }))))
  assert.ok('run' in taken.got)
  assert.equal(taken.got.run.operation_id, lost.operation_id)
  await [one, other][taken.index]!.finish(taken.got.run, ANSWER)
  assert.deepEqual(await claims[1 - taken.index], { replay: ANSWER })
  // The dead one was only slow: what it comes to changes nothing any more.
  await dead.finish(lost, { ...ANSWER, body: 'another' })
  assert.deepEqual(await node().claim(), { replay: ANSWER })
})

test('who waits too long hears that the first request still runs', async (t) => {
  const { node } = await openNodes(t)
  await running(node())
  await assert.rejects(node({ wait_ms: 50 }).claim(), (error) => {
    assert.ok(isRefusal(error, 'in_progress'))
    assert.equal(error.kind, 'conflict')
    assert.equal(error.details.retry_after_seconds, 1)
    return true
  })
})

test('another request under the key is refused at every node, while the first runs and after it', async (t) => {
  const { node } = await openNodes(t)
  const first = node()
  const run = await running(first)
  const other = { ...REQUEST, fingerprint: 'g' }
  await assert.rejects(node().claim(other), (error) => isRefusal(error, 'idempotency_key_reused'))
  await first.finish(run, ANSWER)
  await assert.rejects(node().claim(other), (error) => isRefusal(error, 'idempotency_key_reused'))
})

test('a request that failed for the moment is gone on with at once, one that never began leaves the key free', async (t) => {
  const { keys, node } = await openNodes(t)
  const failed = node()
  const first = await running(failed)
  failed.leaveOpen(first)
  const again = await running(node())
  assert.equal(again.operation_id, first.operation_id)
  const other = node()
  const free = { key: 'free', fingerprint: 'f' }
  const claim = await other.claim(free)
  assert.ok('run' in claim)
  await other.forget(claim.run)
  assert.equal(await keys.get(claim.run.id), undefined)
  const next = await node().claim({ ...free, fingerprint: 'another body' })
  assert.ok('run' in next && next.run.operation_id !== claim.run.operation_id)
})

test('a key whose seven days are over is free at every node', async (t) => {
  const { node, pass } = await openNodes(t)
  const first = node()
  const run = await running(first)
  await first.finish(run, ANSWER)
  pass(KEY_RETENTION_MS + 1)
  const claim = await node().claim({ ...REQUEST, fingerprint: 'another body' })
  assert.ok('run' in claim && claim.run.operation_id !== run.operation_id)
})

/** Keys whose nth write is made although its caller hears that the storage is away. */
function losingReply(keys: Collection<IdempotencyKey>, nth: number): Collection<IdempotencyKey> {
  let writes = 0
  const write = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    writes++
    const lost = writes === nth
    const result = await run()
    if (lost) throw replyLost()
    return result
  }
  return {
    ...keys,
    insert: (...given) => write(() => keys.insert(...given)),
    replace: (...given) => write(() => keys.replace(...given)),
    remove: (...given) => write(() => keys.remove(...given)),
  }
}

test('a claim whose answer was lost is held by nobody for longer than a lease', async (t) => {
  const { keys, node, pass } = await openNodes(t)
  const unlucky = node({ over: losingReply(keys, 1) })
  await assert.rejects(unlucky.claim(), (error) => isRefusal(error, 'storage_unavailable'))
  pass(LEASE_MS)
  await unlucky.finish(await running(unlucky), ANSWER)
  assert.deepEqual(await node().claim(), { replay: ANSWER })
})

test('a renewal whose answer was lost costs the request nothing', async (t) => {
  const { keys, node, pass } = await openNodes(t)
  const unlucky = node({ over: losingReply(keys, 2) })
  const run = await running(unlucky)
  for (const version of [2, 3]) {
    pass(LEASE_MS / 2)
    await until(async () => (await keys.get(run.id))!.version >= version)
  }
  await unlucky.finish(run, ANSWER)
  assert.deepEqual(await node().claim(), { replay: ANSWER })
})

test('an answer that was kept although its request heard otherwise is what a repeat hears', async (t) => {
  const { keys, node } = await openNodes(t)
  const unlucky = node({ over: losingReply(keys, 2) })
  const run = await running(unlucky)
  await assert.rejects(unlucky.finish(run, ANSWER), (error) => isRefusal(error, 'storage_unavailable'))
  assert.deepEqual(await node().claim(), { replay: ANSWER })
})

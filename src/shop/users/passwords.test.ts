import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '../../kernel/errors.ts'
import { createHashLimiter } from './hash-limiter.ts'
import { createPasswords } from './passwords.ts'

const COST = 4
const passwordsOf = (cost: number) => {
  const limiter = createHashLimiter({ slots: 1, estimate_ms: 1 })
  return { passwords: createPasswords({ cost, limiter }), limiter }
}

test('a password counts wholly: behind 72 bytes, behind a NUL, in any script', async () => {
  const { passwords } = passwordsOf(COST)
  const pairs: [string, string][] = [
    [`${'a'.repeat(72)}b`, `${'a'.repeat(72)}c`],
    [`${'😀'.repeat(18)}x`, `${'😀'.repeat(18)}y`],
    [`${'ä'.repeat(36)}x`, `${'ä'.repeat(36)}y`],
    ['before\u0000after', 'before\u0000other'],
    ['x'.repeat(64), 'x'.repeat(63)],
  ]
  for (const [right, wrong] of pairs) {
    const stored = await passwords.hash(right)
    assert.equal(await passwords.verify(right, stored), true)
    assert.equal(await passwords.verify(wrong, stored), false)
  }
})

test('an accent typed as one key or as two is the same password', async () => {
  const { passwords } = passwordsOf(COST)
  assert.equal(await passwords.verify('cafe\u0301-table', await passwords.hash('caf\u00e9-table')), true)
})

test('an unknown account costs as many hashes as a wrong password', async () => {
  const { passwords, limiter } = passwordsOf(COST)
  const stored = await passwords.hash('the right one')
  const before = limiter.load().finished
  assert.equal(await passwords.verify('wrong', stored), false)
  assert.equal(await passwords.verify('wrong', undefined), false)
  assert.equal(limiter.load().finished - before, 2)
})

test('a stored password tells its scheme, and whether its cost is below what is wanted', async () => {
  const cheap = passwordsOf(COST).passwords
  const dear = passwordsOf(COST + 2).passwords
  const stored = await cheap.hash('the right one')
  assert.match(stored, /^hmac-sha384:\$2b\$04\$/)
  assert.equal(cheap.isOutdated(stored), false)
  assert.equal(dear.isOutdated(stored), true)
  assert.equal(await dear.verify('the right one', stored), true)
  assert.equal(await dear.verify('another', stored), false)
  await assert.rejects(cheap.verify('x', 'md5:abc'), /scheme/)
})

test('API4-11 hashes beyond the slots wait, and beyond two seconds of work are told to come back', async () => {
  const limiter = createHashLimiter({ slots: 1, estimate_ms: 1_000, max_wait_ms: 2_000 })
  const gates: (() => void)[] = []
  const work = () => new Promise<void>((resolve) => gates.push(resolve))
  const runs = [limiter.run(work), limiter.run(work), limiter.run(work)]
  assert.deepEqual(limiter.load(), { running: 1, waiting: 2, finished: 0 })
  await assert.rejects(limiter.run(work), (error) => {
    return (
      isRefusal(error, 'busy') &&
      error.kind === 'unavailable' &&
      (error.details.retry_after_seconds ?? 0) >= 1
    )
  })
  for (let done = 0; done < 3; done++) {
    gates[done]!()
    await runs[done]
  }
  assert.deepEqual(limiter.load(), { running: 0, waiting: 0, finished: 3 })
})

test('work that fails gives its slot back', async () => {
  const limiter = createHashLimiter({ slots: 1, estimate_ms: 1 })
  await assert.rejects(
    limiter.run(() => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await limiter.run(async () => 'next'), 'next')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as later } from 'node:timers/promises'
import { allDone } from './all-done.ts'

test('what fails keeps nothing beside it from its end, and its failure is told then', async () => {
  const ended: string[] = []
  const ends = (name: string) => later().then(() => void ended.push(name))
  const fails = (name: string) => Promise.reject(new Error(name))
  await assert.rejects(allDone([ends('first'), fails('second'), ends('third'), fails('fourth')]), /second/)
  assert.deepEqual(ended, ['first', 'third'])
  await allDone([ends('fifth')])
  assert.equal(ended.length, 3)
})

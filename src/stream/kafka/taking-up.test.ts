import assert from 'node:assert/strict'
import { it } from 'node:test'
import { until } from '../../../test/support/until.ts'
import { takingUp } from './taking-up.ts'

it('a partition that is asked for again while it is being asked for is taken up once', async () => {
  const { promise: answer, resolve } = Promise.withResolvers<number>()
  const taken: string[] = []
  const taking = takingUp({
    position: () => answer,
    taken: (places) => taken.push(...places.map(({ partition, offset }) => `${partition}@${offset}`)),
    onError: assert.fail,
  })
  taking.start([
    { name: 'a', partition: 0 },
    { name: 'a', partition: 1 },
  ])
  taking.retry({ name: 'a', partition: 0 })
  resolve(7)
  await until(() => taken.length > 0)
  taking.retry({ name: 'a', partition: 1 })
  await until(() => taken.length > 2)
  assert.deepEqual(taken, ['0@7', '1@7', '1@7'])
  taking.stop()
  taking.retry({ name: 'a', partition: 0 })
  assert.equal(taken.length, 3)
})

import assert from 'node:assert/strict'
import { get } from 'node:http'
import { test } from 'node:test'
import { startNodes } from '../support/nodes.ts'
import { until } from '../support/until.ts'

test('an export whose client left, or heard that it took too long, before it began makes room for the next', async (t) => {
  const shop = await startNodes(t, { count: 1 })
  const [node] = shop.nodes
  const staff = await shop.asStaff()
  for (const leaves of [true, false]) {
    const asked = Promise.withResolvers<void>()
    const written = Promise.withResolvers<void>()
    node!.tap(async (call, run) => {
      if (call.target !== 'jobs' || call.operation !== 'insert') return run()
      asked.resolve()
      await written.promise
      return run()
    })
    const headers = { authorization: `Bearer ${staff.access_token}` }
    const over = Promise.withResolvers<number | undefined>()
    const call = get(`${node!.url}/products/export`, { headers })
    call.on('response', (answer) => over.resolve(answer.resume().statusCode))
    call.on('error', () => over.resolve(undefined))
    await asked.promise
    if (leaves) call.destroy()
    assert.equal(await over.promise, leaves ? undefined : 503)
    const inHand = async () =>
      /http_requests_in_hand (\d+)/.exec((await shop.client().get('/metrics')).text)![1]
    await until(async () => (await inHand()) === '1')
    written.resolve()
    node!.tap((_call, run) => run())
    await until(async () => (await staff.get('/products/export')).status === 200)
  }
})

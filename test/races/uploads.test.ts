import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { MAX_UPLOADS } from '../../src/http/uploads.ts'
import { filePart, formOf, picture, upload } from '../support/images.ts'
import { startNodes } from '../support/nodes.ts'
import { until } from '../support/until.ts'

test('uploads whose clients leave while the shop looks who they are take nobody’s place', async (t) => {
  const shop = await startNodes(t, { count: 1 })
  const [node] = shop.nodes
  const staff = await shop.asStaff()
  const price = { amount: 1, currency: 'USD' }
  const product = (await staff.post('/products', { name: 'Pictured', price })).body.id
  // Signed in and not known to the node yet.
  const other = await shop.asStaff()
  const looked = Promise.withResolvers<void>()
  let looking = 0
  node!.tap(async (call, run) => {
    if (!call.operation.startsWith('get')) return run()
    looking++
    await looked.promise
    return run()
  })

  const { raw, headers } = formOf([filePart(await picture())])
  const head = {
    ...{ host: 'shop', authorization: `Bearer ${other.access_token}`, 'content-length': raw.length },
    ...headers,
  }
  const fields = Object.entries(head).map(([name, value]) => `${name}: ${value}`)
  const { hostname, port } = new URL(node!.url)
  const inHand = async () =>
    /http_requests_in_hand (\d+)/.exec((await shop.client().get('/metrics')).text)![1]
  const sockets = Array.from({ length: MAX_UPLOADS }, () => {
    const socket = connect(Number(port), hostname).on('error', () => {})
    socket.write(`POST /products/${product}/images HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`)
    return socket
  })
  await until(async () => looking > 0 && (await inHand()) === String(1 + MAX_UPLOADS))
  for (const socket of sockets) socket.destroy()
  await until(async () => (await inHand()) === '1')
  looked.resolve()

  const { status, text } = await upload(staff, product, await picture())
  assert.equal(status, 201, text)
})

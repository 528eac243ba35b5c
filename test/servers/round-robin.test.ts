import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { type TestContext, test } from 'node:test'
import { createClient } from '../crash/client.ts'
import { startRoundRobin } from './round-robin.ts'

async function listening(server: Server, t: TestContext): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  return (server.address() as { port: number }).port
}

/** Three servers that answer with their number, and the balancer before them. */
async function nodes(t: TestContext) {
  const servers = [0, 1, 2].map((number) => createServer((_, response) => response.end(`node ${number}`)))
  const ports = await Promise.all(servers.map((server) => listening(server, t)))
  const balancer = await startRoundRobin(ports)
  t.after(() => balancer.close())
  const client = createClient(balancer.port, { keepAlive: false })
  t.after(() => client.close())
  const ask = async () => (await client.call({ method: 'GET', path: '/' })).text
  return { servers, balancer, ask }
}

test('the balancer hands every new connection to the next node', async (t) => {
  const { balancer, ask } = await nodes(t)
  const answers: string[] = []
  for (let request = 0; request < 6; request++) answers.push(await ask())
  assert.deepEqual(answers, ['node 0', 'node 1', 'node 2', 'node 0', 'node 1', 'node 2'])
  assert.deepEqual(balancer.taken(), [2, 2, 2])
})

test('the balancer passes by a node that refuses, and fails when all do', async (t) => {
  const { servers, ask } = await nodes(t)
  const close = (server: Server) => new Promise((done) => server.close(done))
  await close(servers[1]!)
  const answers: string[] = []
  for (let request = 0; request < 4; request++) answers.push(await ask())
  assert.deepEqual(answers, ['node 0', 'node 2', 'node 2', 'node 0'])
  await Promise.all([close(servers[0]!), close(servers[2]!)])
  await assert.rejects(ask())
})

test('the balancer sends a request that a dying node cut off to nobody else', async (t) => {
  let arrived = 0
  const dying = createServer((request) => {
    arrived += 1
    request.socket.destroy()
  })
  const halfway = createServer((request, response) => {
    arrived += 1
    response.writeHead(200, { 'content-length': 10 })
    response.write('half', () => request.socket.destroy())
  })
  const balancer = await startRoundRobin([await listening(dying, t), await listening(halfway, t)])
  t.after(() => balancer.close())
  const client = createClient(balancer.port, { keepAlive: false })
  t.after(() => client.close())
  await assert.rejects(client.call({ method: 'POST', path: '/', body: {} }))
  await assert.rejects(client.call({ method: 'POST', path: '/', body: {} }))
  assert.equal(arrived, 2)
})

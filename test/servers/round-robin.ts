import { createServer, type Socket, connect as tcpConnect } from 'node:net'

export interface RoundRobin {
  port: number
  /** Connections that each node has got so far, in the order of `nodes`. */
  taken(): number[]
  close(): Promise<void>
}

/**
 * A load balancer on loopback: every new connection goes to the next node, or to the one behind it where that refuses.
 * What is under way when a node dies is cut off and never sent again: whoever sent it has to know whether it may be repeated.
 */
export async function startRoundRobin(nodes: readonly number[]): Promise<RoundRobin> {
  const taken = nodes.map(() => 0)
  const sockets = new Set<Socket>()
  let next = 0

  const server = createServer({ pauseOnConnect: true }, (client) => {
    client.setNoDelay(true)
    keep(client)
    const first = next
    next = (next + 1) % nodes.length
    reach(client, { first, tried: 0 })
  })

  function keep(socket: Socket): void {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }

  function reach(client: Socket, { first, tried }: { first: number; tried: number }): void {
    if (client.destroyed) return
    if (tried === nodes.length) return void client.destroy()
    const node = (first + tried) % nodes.length
    const upstream = tcpConnect({ host: '127.0.0.1', port: nodes[node]!, noDelay: true })
    const refused = () => reach(client, { first, tried: tried + 1 })
    upstream.once('error', refused)
    upstream.once('connect', () => {
      upstream.off('error', refused)
      if (client.destroyed) return void upstream.destroy()
      keep(upstream)
      taken[node]! += 1
      client.on('close', () => upstream.destroy())
      // A node that died in the middle of an answer resets; the client must not take what came for all of it.
      upstream.on('close', (failed) => (failed ? client.resetAndDestroy() : client.end()))
      client.pipe(upstream)
      upstream.pipe(client)
    })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  server.unref()
  const { port } = server.address() as { port: number }
  return {
    port,
    taken: () => [...taken],
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

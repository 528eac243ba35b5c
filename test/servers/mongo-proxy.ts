import { createServer, type Socket, connect as tcpConnect } from 'node:net'

export interface MongoProxy {
  /** As the server's, but through the proxy. */
  url: string
  /** The server does the next `times` requests that hold this text, but the answers are lost with their connections. */
  loseAnswers(text: string, times: number): void
  /** Answers come this much later. */
  delay(ms: number): void
  /** How many answers were lost. */
  lost(): number
  close(): Promise<void>
}

/** A proxy on loopback before a MongoDB server, for answers that are lost after the work was done, or late. */
export async function startMongoProxy(server: string): Promise<MongoProxy> {
  const target = new URL(server)
  const sockets = new Set<Socket>()
  let losing = { text: '', times: 0 }
  let lost = 0
  let delay_ms = 0

  const proxy = createServer((client) => {
    const upstream = tcpConnect({ host: target.hostname, port: Number(target.port), noDelay: true })
    let swallows = false
    const cut = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    client.on('data', (bytes) => {
      if (losing.times > 0 && bytes.includes(losing.text)) {
        losing.times -= 1
        swallows = true
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (!swallows) {
        setTimeout(() => client.write(bytes), delay_ms)
        return
      }
      lost += 1
      cut()
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const url = new URL(server)
  url.port = String((proxy.address() as { port: number }).port)
  // Else the driver asks the server where it is, and goes there.
  url.searchParams.set('directConnection', 'true')
  return {
    url: url.href,
    loseAnswers: (text, times) => {
      losing = { text, times }
    },
    delay(ms) {
      delay_ms = ms
    },
    lost: () => lost,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}

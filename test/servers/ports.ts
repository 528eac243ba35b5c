import { createServer } from 'node:net'

/** Below the ports that systems give to outgoing connections, so that a restarted server finds its port free. */
const FIRST = 12_000
const LAST = 30_000

/** Free ports on loopback. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>()
  while (found.size < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
    if (!found.has(port) && (await isFree(port))) found.add(port)
  }
  return [...found]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

import { Agent, request } from 'node:http'

/** What came back; a rejection of `call` means that nobody knows whether the request had its effect. */
export interface Answer {
  status: number
  text: string
  replayed: boolean
}

/** Who calls, by the token that counts now; a clock that was put back makes older ones void, and then its holder signs in again. */
export interface Ticket {
  token: string
  again(): Promise<unknown>
}

export interface Call {
  method: string
  path: string
  token?: string | Ticket | undefined
  key?: string | undefined
  session?: string | undefined
  body?: unknown
}

const TIMEOUT_MS = 30_000

export type Client = ReturnType<typeof createClient>

/**
 * An HTTP client of its own for one life of the server: connections do not outlive a kill. Before a balancer it keeps none,
 * so that every request goes to another node.
 */
export function createClient(port: number, { keepAlive = true }: { keepAlive?: boolean } = {}) {
  const agent = new Agent({ keepAlive, maxSockets: 64 })

  return {
    call(options: Call): Promise<Answer> {
      const body = options.body === undefined ? undefined : JSON.stringify(options.body)
      const headers: Record<string, string> = {}
      if (body !== undefined) headers['content-type'] = 'application/json'
      const token = typeof options.token === 'object' ? options.token.token : options.token
      if (token) headers.authorization = `Bearer ${token}`
      if (options.key) headers['idempotency-key'] = options.key
      if (options.session) headers['x-session-id'] = options.session
      return new Promise((resolve, reject) => {
        const outgoing = request(
          {
            agent,
            port,
            host: '127.0.0.1',
            method: options.method,
            path: options.path,
            headers,
            timeout: TIMEOUT_MS,
          },
          (incoming) => {
            const chunks: Buffer[] = []
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
            incoming.on('error', reject)
            incoming.on('aborted', () => reject(new Error('the answer was cut off')))
            incoming.on('end', () =>
              resolve({
                status: incoming.statusCode ?? 0,
                text: Buffer.concat(chunks).toString(),
                replayed: incoming.headers['idempotent-replayed'] === 'true',
              }),
            )
          },
        )
        outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
        outgoing.on('error', reject)
        outgoing.end(body)
      })
    },
    close() {
      agent.destroy()
    },
  }
}

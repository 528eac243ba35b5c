import { Agent, request } from 'node:http'
import type { Socket } from 'node:net'

/** A request as it goes out. */
export interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  content?: string | Buffer | undefined
}

export interface Received {
  status: number
  headers: Headers
  text: string
}

/** Longer than anything in the shop may take. */
const PATIENCE_MS = 60_000

/** Sends requests over kept connections, with headers and addresses as they are. */
export function createSender(url: string) {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(url)
  /** What each connection has had last: where a body is not read to its end, the request behind it waits for ever. */
  const answered = new WeakMap<Socket, string>()

  return {
    /** Rejects when the connection was dropped instead of answered, and when nothing comes for a minute. */
    send({ method, path, headers, content }: Sent): Promise<Received> {
      return new Promise((resolve, reject) => {
        const length = content === undefined ? {} : { 'content-length': Buffer.byteLength(content) }
        const options = { agent, hostname, port, method, path, headers: { ...headers, ...length } }
        const outgoing = request(options, (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          const sent = `${method} ${path} with ${Buffer.byteLength(content ?? '')} bytes`
          answered.set(incoming.socket, `${sent}, answered ${incoming.statusCode}`)
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: headersOf(incoming.rawHeaders),
              text: Buffer.concat(chunks).toString(),
            }),
          )
        })
        const began = performance.now()
        outgoing.setTimeout(PATIENCE_MS, () => outgoing.destroy(new Error('nothing comes any more')))
        outgoing.on('error', ({ message }) => {
          const seconds = ((performance.now() - began) / 1_000).toFixed(1)
          const before = (outgoing.socket && answered.get(outgoing.socket)) ?? 'nothing'
          reject(new Error(`${message} after ${seconds} s; before it the connection had ${before}`))
        })
        outgoing.end(content)
      })
    },
    close: () => agent.destroy(),
  }
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let at = 0; at < raw.length; at += 2) headers.append(raw[at]!, raw[at + 1]!)
  return headers
}

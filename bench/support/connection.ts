import { connect, type Socket } from 'node:net'
import type { BenchCall } from './client.ts'

/** One keep-alive connection that sends a request at a time; knows only as much HTTP as the servers measured here speak. */
export interface Connection {
  /** The status of the answer. Rejects when the connection breaks; the next call makes a new one. */
  send(call: BenchCall): Promise<number>
  close(): void
}

const HEAD_END = '\r\n\r\n'
const STATUS_FROM = 'HTTP/1.1 '.length

interface Pending {
  resolve(status: number): void
  reject(error: Error): void
}

export function openConnection(url: string): Connection {
  const { hostname, port, host } = new URL(url)
  let socket: Socket | undefined
  let pending: Pending | undefined
  let received: Buffer = Buffer.alloc(0)
  let location = ''

  function open(): Socket {
    const opened = connect({ host: hostname, port: Number(port), noDelay: true })
    opened.on('data', take)
    opened.on('error', () => opened.destroy())
    opened.on('close', () => {
      if (socket !== opened) return
      socket = undefined
      received = Buffer.alloc(0)
      const waiting = pending
      pending = undefined
      waiting?.reject(new Error('the server closed the connection'))
    })
    return opened
  }

  function take(bytes: Buffer): void {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes])
    const headEnd = received.indexOf(HEAD_END)
    if (headEnd < 0) return
    const head = received.toString('latin1', 0, headEnd)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (received.length < headEnd + HEAD_END.length + length) return
    received = Buffer.alloc(0)
    location = /\r\nlocation: (\S+)/i.exec(head)?.[1] ?? location
    const waiting = pending
    pending = undefined
    waiting?.resolve(Number(head.slice(STATUS_FROM, STATUS_FROM + 3)))
  }

  return {
    send(call) {
      socket ??= open()
      socket.write(textOf({ ...call, path: call.path.replace('{location}', location) }, host))
      return new Promise((resolve, reject) => {
        pending = { resolve, reject }
      })
    },
    close() {
      const closing = socket
      socket = undefined
      closing?.destroy()
    },
  }
}

function textOf({ method = 'GET', path, token, key, body }: BenchCall, host: string): string {
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`
  if (token) head += `authorization: Bearer ${token}\r\n`
  if (key) head += `idempotency-key: ${key}\r\n`
  if (body === undefined) return `${head}\r\n`
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}${HEAD_END}${text}`
}

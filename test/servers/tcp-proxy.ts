import { createServer, type Socket, connect as tcpConnect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What must be there to tell frames apart: length and number; in requests kind and version stand in between. */
const REQUEST_HEAD_BYTES = 12
const ANSWER_HEAD_BYTES = 8
/** Kafka's number of the request that brings records. */
const PRODUCE = 0

export interface TcpProxy {
  /** The server does the next produce request, its answer is swallowed and the connection cut. */
  loseNextAnswer(): Promise<void>
  /** Of the next produce request only this part (0 to 1) arrives, then the connection is cut. */
  cutNextRequest(part: number): Promise<void>
  /** Cuts what is connected now. */
  cutAll(): void
  /** Answers come this much later. */
  delay(ms: number): void
  /** Connections are made, but nothing passes in either direction until `open`. */
  hold(): void
  open(): void
  close(): Promise<void>
}

interface Faults {
  lose?: () => void
  cut?: { part: number; done: () => void }
  delay_ms: number
  held: boolean
  /** Sockets that wait until nothing is held any more. */
  waiting: Set<Socket>
}

/** A proxy on loopback that knows just enough of Kafka's frames to lose an answer or half of a request. */
export async function startTcpProxy(port: number, target: number): Promise<TcpProxy> {
  const faults: Faults = { delay_ms: 0, held: false, waiting: new Set() }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = tcpConnect({ host: '127.0.0.1', port: target, noDelay: true })
    client.setNoDelay(true)
    const cut = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        faults.waiting.delete(socket)
        cut()
      })
      if (faults.held) {
        socket.pause()
        faults.waiting.add(socket)
      }
    }
    join({ client, upstream, cut }, faults)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  server.unref()

  return {
    loseNextAnswer: () =>
      new Promise((done) => {
        faults.lose = done
      }),
    cutNextRequest: (part) =>
      new Promise((done) => {
        faults.cut = { part, done }
      }),
    cutAll() {
      for (const socket of sockets) socket.destroy()
    },
    delay(ms) {
      faults.delay_ms = ms
    },
    hold() {
      faults.held = true
      for (const socket of sockets) {
        socket.pause()
        faults.waiting.add(socket)
      }
    },
    open() {
      faults.held = false
      for (const socket of faults.waiting) socket.resume()
      faults.waiting.clear()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One connection: what is lost is chosen by request, and its answer is known by the number both carry. */
function join({ client, upstream, cut }: { client: Socket; upstream: Socket; cut(): void }, faults: Faults) {
  let lost: { correlation: number; done: () => void } | undefined
  const requests = frames(REQUEST_HEAD_BYTES, (frame) => {
    if (frame.readInt16BE(4) !== PRODUCE) return upstream.write(frame)
    if (faults.cut) {
      const { part, done } = faults.cut
      faults.cut = undefined
      upstream.write(frame.subarray(0, Math.max(1, Math.floor(frame.length * part))), () => {
        cut()
        done()
      })
      return
    }
    if (faults.lose) {
      lost = { correlation: frame.readInt32BE(8), done: faults.lose }
      faults.lose = undefined
    }
    upstream.write(frame)
  })
  let sent: Promise<unknown> = Promise.resolve()
  const answers = frames(ANSWER_HEAD_BYTES, (frame) => {
    if (lost && frame.readInt32BE(4) === lost.correlation) {
      cut()
      lost.done()
      return
    }
    // A later answer overtakes no earlier one, also when the delay ends: no network does that within a connection.
    const due = faults.delay_ms > 0 ? sleep(faults.delay_ms) : undefined
    sent = Promise.all([sent, due]).then(() => client.write(frame))
  })
  client.on('data', requests)
  upstream.on('data', answers)
}

/** Cuts a stream of bytes into frames: four bytes of length, then as many. */
function frames(head_bytes: number, take: (frame: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let size = 0
  return (chunk) => {
    parts.push(chunk)
    size += chunk.length
    for (;;) {
      if (size < head_bytes) return
      if (parts[0]!.length < head_bytes) parts = [Buffer.concat(parts)]
      const wanted = 4 + parts[0]!.readInt32BE(0)
      if (size < wanted) return
      const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      const rest = all.subarray(wanted)
      parts = rest.length > 0 ? [rest] : []
      size = rest.length
      take(all.subarray(0, wanted))
    }
  }
}

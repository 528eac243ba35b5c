import { connect } from 'node:net'

/** Sends bytes as they are and resolves to all that came back until the server closed (or `wait_ms` went by). */
export function sendRaw(url: string, bytes: string | Buffer, wait_ms = 20_000): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    let answer = ''
    socket.setEncoding('utf8')
    const end = () => {
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(end, wait_ms)
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('close', () => {
      clearTimeout(timer)
      end()
    })
    // A server that closes while we still write resets the connection; what it answered counts.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
  })
}

/** Status of a raw answer; 0 when there is none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
}

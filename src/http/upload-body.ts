import type { IncomingMessage } from 'node:http'
import { Refusal } from '../kernel/errors.ts'

/** Of a refused body so much is still read: a client that is sending does not hear the answer before it has sent all. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024

/** Runs `read` while the body stays within its bound. Throws `too_large` as soon as it does not, or says that it will not. */
export async function beforeTooMuch<Result>(
  request: IncomingMessage,
  max_bytes: number,
  read: () => Promise<Result>,
): Promise<Result> {
  if (Number(request.headers['content-length'] ?? 0) > max_bytes) throw tooMuch()
  const { promise: exceeded, reject } = Promise.withResolvers<never>()
  const uncount = countBytes(request, max_bytes, () => reject(tooMuch()))
  try {
    return await Promise.race([read(), exceeded])
  } finally {
    uncount()
  }
}

/** Reads the rest of a refused body and forgets it. False when that is not its end, and the connection cannot be used again. */
export async function discardRest(request: IncomingMessage): Promise<boolean> {
  request.unpipe()
  if (request.destroyed || request.readableEnded) return request.complete
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const uncount = countBytes(request, MAX_DISCARDED_BYTES, resolve)
  for (const event of ['end', 'close', 'error']) request.once(event, () => resolve())
  request.resume()
  await over
  uncount()
  return request.complete
}

function countBytes(request: IncomingMessage, max_bytes: number, onExceeded: () => void): () => void {
  let received = 0
  const count = (chunk: Buffer) => {
    received += chunk.length
    if (received > max_bytes) onExceeded()
  }
  request.on('data', count)
  return () => request.off('data', count)
}

function tooMuch(): Refusal {
  return new Refusal('too_large', 'body_too_large', 'The body is larger than this address takes.')
}

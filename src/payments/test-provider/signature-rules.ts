import { createHmac, timingSafeEqual } from 'node:crypto'
import type { NoticeFault } from '../provider.ts'

/** Header of a delivery: `t=SECONDS,v1=HEX`, with a `v1` for each secret while one is being replaced. */
export const SIGNATURE_HEADER = 'test-provider-signature'
/** How far the time of a signature may be from now, either way, in seconds. */
const TOLERANCE_SECONDS = 300

/** Signs the bytes of a delivery at a time (ms). */
export function signatureOf(body: Buffer, secret: string, now: number): string {
  const seconds = Math.floor(now / 1_000)
  return `t=${seconds},v1=${digestOf(body, secret, seconds).toString('hex')}`
}

/** What is wrong with the signature of these bytes; undefined when one of its parts is right. */
export function faultOf(
  header: string | undefined,
  { body, secret, now }: { body: Buffer; secret: string; now: number },
): NoticeFault | undefined {
  if (!header) return 'unsigned'
  const parts = header.split(',').map((part) => part.split('='))
  const seconds = Number(parts.find(([name]) => name === 't')?.[1])
  if (!Number.isSafeInteger(seconds)) return 'wrong_signature'
  const wanted = digestOf(body, secret, seconds)
  const given = parts.filter(([name]) => name === 'v1').map(([, hex = '']) => Buffer.from(hex, 'hex'))
  const right = given.some((digest) => digest.length === wanted.length && timingSafeEqual(digest, wanted))
  if (!right) return 'wrong_signature'
  return Math.abs(now / 1_000 - seconds) > TOLERANCE_SECONDS ? 'stale' : undefined
}

function digestOf(body: Buffer, secret: string, seconds: number): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest()
}

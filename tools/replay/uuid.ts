import { randomBytes } from 'node:crypto'

/** A UUIDv7 (RFC 9562, 5.7) of this moment: brings the time by which the shop tells repeats. */
export function uuidv7(now = Date.now()): string {
  const random = randomBytes(10)
  random[0] = 0x70 | (random[0]! & 0x0f)
  random[2] = 0x80 | (random[2]! & 0x3f)
  const hex = now.toString(16).padStart(12, '0') + random.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

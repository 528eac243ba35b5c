import { PARTITIONS } from './event.ts'

/**
 * The partition of a key as Kafka's Java client has it: murmur2 over its UTF-8 bytes, made positive, modulo
 * the count. Source: org.apache.kafka.common.utils.Utils.murmur2.
 */
export function partitionOf(key: string, partitions = PARTITIONS): number {
  return (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions
}

const M = 0x5bd1e995

export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  let hash = 0x9747b28c ^ length
  const words = length >> 2
  for (let word = 0; word < words; word++) {
    const at = word * 4
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    k = Math.imul(k, M)
    hash = Math.imul(hash, M) ^ k
  }
  const rest = words * 4
  const left = length & 3
  if (left >= 3) hash ^= bytes[rest + 2]! << 16
  if (left >= 2) hash ^= bytes[rest + 1]! << 8
  if (left >= 1) hash = Math.imul(hash ^ bytes[rest]!, M)
  hash ^= hash >>> 13
  hash = Math.imul(hash, M)
  return hash ^ (hash >>> 15)
}

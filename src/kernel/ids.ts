import { hash, randomFillSync } from 'node:crypto'

/**
 * TypeIDs: a prefix, `_` and a UUIDv7 in 26 characters of Crockford's base32, so that ids sort by the
 * time they were made. Source: https://github.com/jetify-com/typeid/tree/main/spec and RFC 9562, 5.7.
 */

export type IdPrefix =
  | 'usr'
  | 'adr'
  | 'prd'
  | 'cat'
  | 'crt'
  | 'ord'
  | 'pay'
  | 'rev'
  | 'vot'
  | 'wsh'
  | 'ret'
  | 'job'
  | 'evt'
  | 'ses'
  | 'op'
  | 'mov'
  | 'img'
  | 'med'
  | 'run'
  | 'aud'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/
const POOL_BYTES = 10 * 256
/** Ids of one millisecond that the counter tells apart. */
const COUNTS = 4_096
/** The characters that hold the 48 bits of time, behind two leading zero bits. */
const TIME_LENGTH = 10

const pool = Buffer.alloc(POOL_BYTES)
let poolUsed = POOL_BYTES
let lastMs = 0
let counter = 0

/** Makes an id. Within one millisecond of one process ids still ascend (RFC 9562, 6.2, method 1). */
export function newId(prefix: IdPrefix, now = Date.now()): string {
  return `${prefix}_${newSuffix(now)}`
}

/** The 26 characters behind the prefix of a new id. */
export function newSuffix(now = Date.now()): string {
  if (poolUsed + 10 > POOL_BYTES) {
    randomFillSync(pool)
    poolUsed = 0
  }
  const at = poolUsed
  poolUsed += 10
  if (now > lastMs) {
    lastMs = now
    counter = pool.readUInt16BE(at) & 0x7ff
  } else {
    counter += 1
    if (counter === COUNTS) {
      lastMs += 1
      counter = 0
    }
  }
  return encode(lastMs, counter, { bytes: pool, at: at + 2 })
}

/** `random` says where eight random bytes lie. */
function encode(ms: number, count: number, random: { bytes: Buffer; at: number }): string {
  // 128 bits from the left: 48 of time, 4 of version, 12 of counter, 2 of variant, 62 random.
  const high = Math.floor(ms / 0x10000)
  const words = [
    high >>> 0,
    (((ms % 0x10000) << 16) | 0x7000 | count) >>> 0,
    ((random.bytes.readUInt32BE(random.at) & 0x3fffffff) | 0x80000000) >>> 0,
    random.bytes.readUInt32BE(random.at + 4),
  ]
  let text = ''
  // 130 bits in 26 groups of five: the first group has two leading zero bits.
  for (let group = 0; group < 26; group++) text += ALPHABET[fiveBits(words, group * 5 - 2)]
  return text
}

function fiveBits(words: number[], from: number): number {
  let value = 0
  for (let bit = from; bit < from + 5; bit++) {
    const on = bit < 0 ? 0 : (words[bit >> 5]! >>> (31 - (bit & 31))) & 1
    value = (value << 1) | on
  }
  return value
}

/** Whether `text` is an id with this prefix; says nothing of whether it exists. */
export function isId(text: string, prefix: IdPrefix): boolean {
  return text.startsWith(`${prefix}_`) && SUFFIX.test(text.slice(prefix.length + 1))
}

/** The same time and randomness under another prefix: how a resource gets the id of the operation that makes it. */
export function withPrefix(id: string, prefix: IdPrefix): string {
  return `${prefix}_${id.slice(id.indexOf('_') + 1)}`
}

/**
 * The id of what stands at a place (from 0) of what `id` names, the same each time it is asked for. Ids of later places are
 * greater: each 4,096 of them take a millisecond more than the time of `id`. Where others are random they have a digest.
 */
export function placedId(prefix: IdPrefix, id: string, place: number): string {
  const digest = hash('sha256', `${id}/${place}`, 'buffer')
  const ms = timeOf(id) + Math.floor(place / COUNTS)
  return `${prefix}_${encode(ms, place % COUNTS, { bytes: digest, at: 0 })}`
}

function timeOf(id: string): number {
  let ms = 0
  for (const letter of id.slice(id.indexOf('_') + 1).slice(0, TIME_LENGTH))
    ms = ms * 32 + ALPHABET.indexOf(letter)
  return ms
}

import { isUtf8 } from 'node:buffer'
import { Refusal } from '../kernel/errors.ts'
import { MAX_OBJECT_KEYS, tooManyKeys } from './json-limits.ts'
import { scan } from './json-scan.ts'

/**
 * Parses a JSON body. Refuses what readers could understand in two ways (duplicate keys, numbers that a double
 * cannot hold, `__proto__`) and what would cost too much to look at. Throws `malformed`.
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Refusal('malformed', 'bad_encoding', 'The body is not valid UTF-8.')
  const text = bytes.toString('utf8')
  const keys = scan(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal('malformed', 'bad_json', 'The body is not valid JSON.')
  }
  // JSON.parse keeps the last of two equal keys, so the text then has more colons than the value has keys.
  if (inspect(value) !== keys)
    throw new Refusal('malformed', 'duplicate_key', 'An object of the body has one key twice.')
  return value
}

/** Counts the keys of the parsed value and refuses what no part of the shop should ever see. */
function inspect(value: unknown): number {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) && (Number.isInteger(value) || !Number.isFinite(value)))
      throw new Refusal('malformed', 'number_too_large', 'A number is larger than can be held exactly.')
    return 0
  }
  if (typeof value !== 'object' || value === null) return 0
  let keys = 0
  if (Array.isArray(value)) {
    for (const element of value) keys += inspect(element)
    return keys
  }
  let own = 0
  for (const key in value) {
    own++
    if (key === '__proto__' || key === 'constructor' || key === 'prototype')
      throw new Refusal(
        'malformed',
        'forbidden_key',
        'An object of the body has a key that is not allowed anywhere.',
      )
    keys += inspect((value as Record<string, unknown>)[key])
  }
  if (own > MAX_OBJECT_KEYS) throw tooManyKeys()
  return keys + own
}

import { isUtf8 } from 'node:buffer'
import { Refusal } from '../kernel/errors.ts'

/** Limits of every JSON body, looked at before and right after parsing, ahead of any schema. */
export const MAX_JSON_DEPTH = 32
export const MAX_OBJECT_KEYS = 1_000
export const MAX_BODY_KEYS = 20_000

const QUOTE = 34
const COLON = 58
const OPEN_BRACKET = 91
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

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

/** One pass over the text outside its strings: checks the depth and counts the keys. */
function scan(text: string): number {
  let depth = 0
  let keys = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at + 1)
        break
      case COLON:
        keys++
        break
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > MAX_JSON_DEPTH)
          throw new Refusal(
            'malformed',
            'json_too_deep',
            `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`,
          )
        break
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--
    }
  }
  if (keys > MAX_BODY_KEYS) throw tooManyKeys()
  return keys
}

function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from)
  while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH && isEscaped(text, end))
    end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
  return backslashes % 2 === 1
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

function tooManyKeys(): Refusal {
  return new Refusal(
    'malformed',
    'too_many_keys',
    `A body may have ${MAX_BODY_KEYS} keys, an object of it ${MAX_OBJECT_KEYS}.`,
  )
}

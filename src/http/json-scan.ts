import { Refusal } from '../kernel/errors.ts'
import { MAX_BODY_KEYS, MAX_JSON_DEPTH, tooManyKeys } from './json-limits.ts'

const QUOTE = 34
const COLON = 58
const OPEN_BRACKET = 91
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** One pass over the text outside its strings: checks the depth and counts the keys. */
export function scan(text: string): number {
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

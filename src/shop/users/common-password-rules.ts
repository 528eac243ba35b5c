import { LOOKALIKES, WALKS, WORDS } from './common-words-rules.ts'

/** A password that consists of so few pieces of a kind that all are guessed first. */
const MIN_WALK = 3

/** Whether guessing programs would try this password early; the product's own name counts. Pure. */
export function isCommonPassword(password: string): boolean {
  const lower = password.toLowerCase()
  return isRepeated(lower) || isWalks(lower) || isDecoratedWord(lower)
}

/** `aaaaaaaaaa`, `abcabcabcabc`. */
function isRepeated(text: string): boolean {
  return /^(.{1,4}?)\1+.{0,3}$/su.test(text) && new Set(text).size <= 4
}

/** Nothing but walks of three keys and more, as `qwertyuiop123` or `asdf1234asdf`. */
function isWalks(text: string): boolean {
  let at = 0
  while (at < text.length) {
    const length = longestWalk(text.slice(at))
    if (length < MIN_WALK) return false
    at += length
  }
  return true
}

function longestWalk(text: string): number {
  let length = Math.min(text.length, 36)
  while (length >= MIN_WALK && !WALKS.some((walk) => walk.includes(text.slice(0, length)))) length -= 1
  return length
}

/** `Password2024!`, `p@ssw0rd123`, `tradewind-shop1`: one to three common words with digits and signs around them. */
function isDecoratedWord(text: string): boolean {
  const core = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  const plain = [...core].map((sign) => LOOKALIKES[sign] ?? sign).join('')
  return [core, plain].some((candidate) => {
    const parts = candidate.split(/[^\p{L}]+/u).filter(Boolean)
    return parts.length > 0 && parts.length <= 3 && parts.every((part) => isWords(part, 3))
  })
}

function isWords(text: string, most: number): boolean {
  if (WORDS.has(text)) return true
  if (most === 1) return false
  for (let cut = 3; cut <= text.length - 3; cut++) {
    if (WORDS.has(text.slice(0, cut)) && isWords(text.slice(cut), most - 1)) return true
  }
  return false
}

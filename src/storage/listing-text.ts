/** Words of a search; more are not looked at. */
export const MAX_SEARCH_WORDS = 16

/** Letters that have no decomposition but a usual spelling without accents. */
const SPELLINGS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
}

/**
 * Lower case without accents, words parted by one space. Both sides of a search go through it, so the index
 * needs no Unicode rules of its own: what is left is letters and digits.
 */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => SPELLINGS[letter] ?? letter)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** The distinct words of a search in their order. */
export function searchWords(text: string): string[] {
  const folded = fold(text)
  if (folded === '') return []
  const words = folded.split(' ')
  const last = words.pop()!
  // The last word is the one being typed: it stays last even if it stood before.
  return [...new Set(words.filter((word) => word !== last).slice(0, MAX_SEARCH_WORDS - 1)), last]
}

/** Names are compared by this many folded characters. */
const NAME_KEY_LENGTH = 48

/** What lists are ordered by for a folded name. */
export function nameKey(folded: string): string {
  return folded.slice(0, NAME_KEY_LENGTH)
}

import type { ListingRow } from '../listing.ts'
import { fold, nameKey } from '../listing-text.ts'

/** Words of one product that searches find; those of its name and SKUs come first. */
const MAX_WORDS = 1_000
/** Letters of a word that are compared. */
const MAX_WORD_LENGTH = 48

/** What lists and searches read of a product: part of its document, so that both are one commit. */
export interface ListingFields {
  /** What it is filtered by: all that is listed, its categories, tags and attributes. */
  terms: string[]
  currency: string
  price: number
  /** Folded and cut, for the order by name and for ranking. */
  name: string
  /** Words of its name and SKUs. */
  named: string[]
  /** All its words. */
  words: string[]
  card: string
}

/** The term of everything that is listed. */
export const ALL = '*'

const KINDS = { category: 'c:', tag: 't:', attribute: 'a:' } as const
export type TermKind = keyof typeof KINDS

export function termOf(kind: TermKind, value: string): string {
  return KINDS[kind] + value
}

/** The kind and the value of a term, undefined for that of everything. */
export function readTerm(term: string): { kind: TermKind; value: string } | undefined {
  const kind = (Object.keys(KINDS) as TermKind[]).find((one) => term.startsWith(KINDS[one]))
  return kind && { kind, value: term.slice(KINDS[kind].length) }
}

export function listingFields({ text, ...row }: ListingRow): ListingFields {
  const name = fold(text.name)
  const named = wordsOf(name, fold(text.skus))
  return {
    terms: [
      ALL,
      ...new Set([
        ...row.category_ids.map((id) => termOf('category', id)),
        ...row.tags.map((tag) => termOf('tag', tag)),
        ...row.attributes.map((attribute) => termOf('attribute', attribute)),
      ]),
    ],
    currency: row.currency,
    price: row.price,
    name: nameKey(name),
    named,
    words: wordsOf(...named, fold(text.tags), fold(text.description)),
    card: row.card,
  }
}

/** A word as it is stored and looked for. */
export function wordKey(word: string): string {
  return word.slice(0, MAX_WORD_LENGTH)
}

function wordsOf(...folded: string[]): string[] {
  const words = folded.flatMap((text) => text.split(' ')).filter((word) => word !== '')
  return [...new Set(words.map(wordKey))].slice(0, MAX_WORDS)
}

import { createHash, randomInt } from 'node:crypto'
import { type ListingRow, PRODUCT_STATS, type ProductStats } from '../listing.ts'
import { figuresOf, NO_FIGURES } from '../listing-figures.ts'
import { fold, nameKey } from '../listing-text.ts'
import { NAMED_KINDS } from './listing-sorts.ts'
import { PLENTY, type TermKind } from './listing-tables.ts'
import type { WriterContext } from './part.ts'

interface KeptRow {
  number: number
  terms: string
  text_digest: string
  currency: string
  price: number
  rating: number
  sold: number
  name: string
}

type KeptFigures = Pick<KeptRow, 'number' | 'terms' | 'rating' | 'sold'> & {
  rating_count: number
  available: number
}

type Writer = Pick<WriterContext, 'prepare'>
type Term = { term: number; kind: TermKind }

/** Brings the listing in line with a product's new state, in the transaction of that state; null takes it out. */
export function putListing(writer: Writer, id: string, row: ListingRow | null): void {
  const kept = writer
    .prepare(
      'SELECT number, terms, text_digest, currency, price, rating, sold, name FROM listing WHERE id = ?',
    )
    .get(id) as KeptRow | undefined
  if (row !== null || kept) raiseVersions(writer, { shown: true })
  if (row === null) {
    if (kept) takeOut(writer, kept)
  } else if (kept) {
    change(writer, kept, row)
  } else {
    bringIn(writer, id, row)
  }
}

/** What the roll-up knows of a product joins its row; says whether there is one. */
export function putListingStats(writer: Writer, id: string, stats: ProductStats): boolean {
  const figures = figuresOf(stats)
  const kept = writer
    .prepare('SELECT number, terms, rating, rating_count, sold, available FROM listing WHERE id = ?')
    .get(id) as KeptFigures | undefined
  if (!kept) return false
  const plenty = Math.min(kept.available, figures.available) >= PLENTY
  const rated = kept.rating !== figures.rating || kept.rating_count !== figures.rating_count
  if (rated || kept.available !== figures.available || kept.sold !== figures.sold)
    raiseVersions(writer, { shown: rated || (!plenty && kept.available !== figures.available) })
  writer
    .prepare('UPDATE listing SET available = ?, rating = ?, rating_count = ?, sold = ? WHERE number = ?')
    .run(figures.available, figures.rating, figures.rating_count, figures.sold, kept.number)
  if (kept.rating !== figures.rating || kept.sold !== figures.sold) {
    const update = writer.prepare(
      'UPDATE listing_postings SET rating = ?, sold = ? WHERE term = ? AND number = ?',
    )
    for (const term of JSON.parse(kept.terms) as number[])
      update.run(figures.rating, figures.sold, term, kept.number)
  }
  return true
}

function raiseVersions(writer: Writer, { shown }: { shown: boolean }): void {
  const raise = shown ? 'shown = shown + 1, figures = figures + 1' : 'figures = figures + 1'
  writer.prepare(`UPDATE listing_versions SET ${raise} WHERE rowid = 1`).run()
}

function bringIn(writer: Writer, id: string, row: ListingRow): void {
  const number = freeNumber(writer, id)
  const terms = termsOf(writer, row)
  const stats = knownStats(writer, id)
  const figures = stats ? figuresOf(stats) : NO_FIGURES
  const text = foldedText(row)
  const name = nameKey(text.name)
  const ids = JSON.stringify(terms.map(({ term }) => term))
  writer
    .prepare(
      `INSERT INTO listing (number, id, currency, price, rating, rating_count, sold, available, name, terms, text_digest, card)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      ...[
        number,
        id,
        row.currency,
        row.price,
        figures.rating,
        figures.rating_count,
        figures.sold,
        figures.available,
      ],
      ...[name, ids, text.digest, row.card],
    )
  for (const term of terms)
    post(writer, term, { number, ...figures, currency: row.currency, price: row.price, name })
  indexText(writer, number, text)
}

function change(writer: Writer, kept: KeptRow, row: ListingRow): void {
  const text = foldedText(row)
  const name = nameKey(text.name)
  const before = new Set(JSON.parse(kept.terms) as number[])
  const terms = termsOf(writer, row)
  writer
    .prepare(
      'UPDATE listing SET currency = ?, price = ?, name = ?, terms = ?, text_digest = ?, card = ? WHERE number = ?',
    )
    .run(
      row.currency,
      row.price,
      name,
      JSON.stringify(terms.map(({ term }) => term)),
      text.digest,
      row.card,
      kept.number,
    )
  const moved = row.price !== kept.price || row.currency !== kept.currency || name !== kept.name
  const posting = { ...kept, currency: row.currency, price: row.price, name }
  for (const term of terms) {
    if (!before.delete(term.term)) post(writer, term, posting)
    else if (moved) {
      writer
        .prepare(
          'UPDATE listing_postings SET currency = ?, price = ?, name = iif(name IS NULL, NULL, ?) WHERE term = ? AND number = ?',
        )
        .run(row.currency, row.price, name, term.term, kept.number)
    }
  }
  for (const term of before) unpost(writer, term, kept.number)
  if (text.digest !== kept.text_digest) {
    removeText(writer, kept.number)
    indexText(writer, kept.number, text)
  }
}

function takeOut(writer: Writer, kept: KeptRow): void {
  for (const term of JSON.parse(kept.terms) as number[]) unpost(writer, term, kept.number)
  removeText(writer, kept.number)
  writer.prepare('DELETE FROM listing WHERE number = ?').run(kept.number)
}

function post(writer: Writer, { term, kind }: Term, row: Omit<KeptRow, 'terms' | 'text_digest'>): void {
  writer
    .prepare(
      'INSERT INTO listing_postings (term, number, currency, price, rating, sold, name) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      ...[term, row.number, row.currency, row.price],
      ...[row.rating, row.sold, NAMED_KINDS.includes(kind) ? row.name : null],
    )
  writer.prepare('UPDATE listing_terms SET products = products + 1 WHERE term = ?').run(term)
}

function unpost(writer: Writer, term: number, number: number): void {
  writer.prepare('DELETE FROM listing_postings WHERE term = ? AND number = ?').run(term, number)
  writer.prepare('UPDATE listing_terms SET products = products - 1 WHERE term = ?').run(term)
}

function termsOf(writer: Writer, row: ListingRow): Term[] {
  const find = (kind: TermKind) => (value: string) => ({ kind, term: termNumber(writer, kind, value) })
  return [
    find('all')(''),
    ...[...new Set(row.category_ids)].map(find('category')),
    ...[...new Set(row.tags)].map(find('tag')),
    ...[...new Set(row.attributes)].map(find('attribute')),
  ]
}

function termNumber(writer: Writer, kind: TermKind, value: string): number {
  const known = writer.prepare('SELECT term FROM listing_terms WHERE kind = ? AND value = ?').get(kind, value)
  if (known) return known.term as number
  const made = writer
    .prepare('INSERT INTO listing_terms (kind, value, products) VALUES (?, ?, 0)')
    .run(kind, value)
  return Number(made.lastInsertRowid)
}

function foldedText({ text }: ListingRow) {
  const fields = [fold(text.name), fold(text.skus), fold(text.tags), fold(text.description)] as const
  const digest = createHash('sha256').update(fields.join('\n')).digest('base64url').slice(0, 16)
  return { name: fields[0], fields, digest }
}

function indexText(writer: Writer, number: number, text: ReturnType<typeof foldedText>): void {
  writer
    .prepare('INSERT INTO listing_text (rowid, name, skus, tags, description) VALUES (?, ?, ?, ?, ?)')
    .run(number, ...text.fields)
}

/**
 * FTS5 notes what was deleted in rows of its own, whose numbers may be larger than is exact. The last of them stays SQLite's
 * `last_insert_rowid()`, which node:sqlite reads with every `run` and then throws, whatever is written, until another row is inserted:
 * so the deletion is no `run`, and a row of ours is put in its own place.
 */
function removeText(writer: Writer, number: number): void {
  writer.prepare('DELETE FROM listing_text WHERE rowid = ?').all(number)
  writer
    .prepare(
      'REPLACE INTO listing_versions (rowid, shown, figures) SELECT rowid, shown, figures FROM listing_versions',
    )
    .run()
}

/** 2020-01-01: leaves the milliseconds of ids 41 bits, enough for 69 years. */
const NUMBER_EPOCH_MS = 1_577_836_800_000
/** Ids that claim to be from later share the end, below what is exact. */
const LAST_MS = 2 ** 41 - 2 ** 20
const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** The time and the counter of a UUIDv7 as one safe integer, so that rows lie in the order of creation. */
export function numberOf(id: string): number {
  let bits = 0n
  // The first 14 characters hold 68 bits: 48 of time, 4 of version, 12 of the counter and 4 more.
  for (const letter of id.slice(id.indexOf('_') + 1).slice(0, 14)) {
    bits = bits * 32n + BigInt(Math.max(0, ID_ALPHABET.indexOf(letter)))
  }
  const ms = Number(bits >> 20n) - NUMBER_EPOCH_MS
  return Math.min(Math.max(0, ms), LAST_MS) * 4_096 + Number((bits >> 4n) & 4_095n)
}

/**
 * Two ids may share time and counter after the clock went back; the later one takes the next free number, or in a crowd one that is
 * found by a few looks, each among twice as many.
 */
function freeNumber(writer: Writer, id: string): number {
  const taken = writer.prepare('SELECT 1 FROM listing WHERE number = ?')
  const wanted = numberOf(id)
  let number = wanted
  for (let among = 1; taken.get(number); among *= 2) number = wanted + 1 + randomInt(among)
  return number
}

/** A product that comes back, or whose stock moved first, takes up the figures that are known of it. */
function knownStats(writer: Writer, id: string): ProductStats | undefined {
  const row = writer.prepare('SELECT body FROM roll_ups WHERE name = ? AND id = ?').get(PRODUCT_STATS, id)
  return row && (JSON.parse(row.body as string) as ProductStats)
}

/**
 * The listing: a narrow row per product on sale with its card, and a posting per (term, product), where a
 * term is a category, a tag, an attribute's value, or `all`. Postings carry the sort columns, so each (filter,
 * sort) is one range of one declared index, and ties are broken by the product's number, which ascends with
 * its creation. Postings of tags and attributes leave `name` null: they are not in its index, whose keys are large
 * and lie anywhere, so that a write would touch a page for each of them. Every change raises the listing's
 * versions, by which pages that were kept are known to be old (listing-pages.ts).
 */
export const LISTING_TABLES = `
CREATE TABLE IF NOT EXISTS listing (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  currency TEXT NOT NULL,
  price INTEGER NOT NULL,
  rating INTEGER NOT NULL,
  rating_count INTEGER NOT NULL,
  sold INTEGER NOT NULL,
  available INTEGER NOT NULL,
  name TEXT NOT NULL,
  terms TEXT NOT NULL,
  text_digest TEXT NOT NULL,
  card TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS listing_id ON listing (id);
CREATE TABLE IF NOT EXISTS listing_versions (shown INTEGER NOT NULL, figures INTEGER NOT NULL) STRICT;
INSERT INTO listing_versions SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM listing_versions);
CREATE TABLE IF NOT EXISTS listing_terms (
  term INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  products INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS listing_terms_value ON listing_terms (kind, value);
CREATE TABLE IF NOT EXISTS listing_postings (
  term INTEGER NOT NULL,
  number INTEGER NOT NULL,
  currency TEXT NOT NULL,
  price INTEGER NOT NULL,
  rating INTEGER NOT NULL,
  sold INTEGER NOT NULL,
  name TEXT,
  PRIMARY KEY (term, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS listing_postings_price ON listing_postings (term, currency, price);
CREATE INDEX IF NOT EXISTS listing_postings_rating ON listing_postings (term, rating);
CREATE INDEX IF NOT EXISTS listing_postings_sold ON listing_postings (term, sold);
CREATE INDEX IF NOT EXISTS listing_postings_name ON listing_postings (term, name) WHERE name IS NOT NULL;
CREATE VIRTUAL TABLE IF NOT EXISTS listing_text USING fts5(
  name, skus, tags, description,
  content='', contentless_delete=1, detail=column, tokenize='ascii', prefix='1 2 3 4 5'
);
`

/** Kinds of terms; \`all\` has the one value ''. */
export type TermKind = 'all' | 'category' | 'tag' | 'attribute'

/** Of this many no card with a cap says how many there are: what a sale leaves of them changes only exact figures. */
export const PLENTY = 100

import { MAX_SLUG, RESERVED_SLUG } from './schema.ts'

/** Room for what makes a slug unique behind a dash. */
const SLUG_STEM = MAX_SLUG - 27

/** A name as it stands in an address: without accents, lower case, words joined by dashes. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_STEM)
    .replace(/^-+|-+$/g, '')
  return slug === '' ? 'product' : slug
}

/** Slugs to try in turn for a product that was given none; the last one nobody else can have. */
export function slugCandidates(name: string, id: string): string[] {
  const stem = slugOf(name)
  const suffix = id.slice(id.indexOf('_') + 1)
  const slugs = [stem, `${stem}-${suffix.slice(-6)}`, `${stem}-${suffix}`]
  return slugs.filter((slug) => slug !== RESERVED_SLUG)
}

/** The SKU of a product that was given none: as unique as its id. */
export function defaultSku(id: string): string {
  return id.slice(id.indexOf('_') + 1).toUpperCase()
}

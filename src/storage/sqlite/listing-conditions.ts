import type { Filter, TermGroup, Value } from './listing-filter.ts'

/**
 * A condition on `d`, where numbers of products come from, or on `l`, their rows. A clause is in a statement only
 * when it was asked for.
 */
export interface Condition {
  sql: string
  values: Value[]
}

/** That a product is under one of a group's terms. */
function inGroup(group: TermGroup): Condition {
  const [only] = group.terms
  if (group.terms.length === 1) {
    return {
      sql: 'EXISTS (SELECT 1 FROM listing_postings m WHERE m.term = ? AND m.number = d.number)',
      values: [only!],
    }
  }
  return {
    sql: `EXISTS (SELECT 1 FROM listing_postings m
      WHERE m.term IN (SELECT value FROM json_each(?)) AND m.number = d.number)`,
    values: [JSON.stringify(group.terms)],
  }
}

/** The asked currency and range of prices on these columns: of a posting, or of the row. */
export function priceConditions(filter: Filter, prefix: '' | 'd.' | 'l.'): Condition[] {
  const { currency, min_price, max_price } = filter
  return [
    ...(currency === undefined ? [] : [{ sql: `${prefix}currency = ?`, values: [currency] }]),
    ...(min_price === undefined ? [] : [{ sql: `${prefix}price >= ?`, values: [min_price] }]),
    ...(max_price === undefined ? [] : [{ sql: `${prefix}price <= ?`, values: [max_price] }]),
  ]
}

/** What a product must fulfil beside its price and beside being under `driver`. */
export function otherConditions(filter: Filter, driver: TermGroup | undefined): Condition[] {
  return [
    ...filter.groups.filter((group) => group !== driver).map(inGroup),
    ...(filter.in_stock === undefined
      ? []
      : [{ sql: filter.in_stock ? 'l.available > 0' : 'l.available = 0', values: [] }]),
  ]
}

/** What a product must fulfil when nothing is known of it yet. */
export function allConditions(filter: Filter): Condition[] {
  return [...otherConditions(filter, undefined), ...priceConditions(filter, 'l.')]
}

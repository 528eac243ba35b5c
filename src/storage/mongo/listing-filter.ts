import type { Document } from 'mongodb'
import type { ListingFilter } from '../listing.ts'
import { ALL, termOf } from './listing-fields.ts'

/** Any of these terms: one for a tag or an attribute, a category and its descendants for a category. */
export type Terms = readonly string[]

/** A query's conditions in the words of the documents. */
export interface Filter {
  groups: Terms[]
  currency: string | undefined
  /** Empty where no bound was asked for. */
  price: { $gte?: number; $lte?: number }
  in_stock: boolean | undefined
}

export const EVERYTHING: Terms = [ALL]

/** Undefined when nothing can match. */
export function filterOf(query: ListingFilter): Filter | undefined {
  if (query.categories?.length === 0) return undefined
  return {
    groups: [
      ...(query.categories ? [query.categories.map((id) => termOf('category', id))] : []),
      ...(query.tag === undefined ? [] : [[termOf('tag', query.tag)]]),
      ...(query.attributes ?? []).map((attribute) => [termOf('attribute', attribute)]),
    ],
    currency: query.currency,
    price: {
      ...(query.min_price !== undefined && { $gte: query.min_price }),
      ...(query.max_price !== undefined && { $lte: query.max_price }),
    },
    in_stock: query.in_stock,
  }
}

export function anyOf(terms: Terms): Document {
  return { '_listing.terms': terms.length === 1 ? terms[0] : { $in: terms } }
}

/** Whether the filter names a range of prices that an index knows. */
export function isPriced({ currency, price }: Filter): boolean {
  return currency !== undefined && Object.keys(price).length > 0
}

/** The asked currency and range of prices. */
export function priceConditions({ currency, price }: Filter): Document[] {
  return [
    ...(currency === undefined ? [] : [{ '_listing.currency': currency }]),
    ...(Object.keys(price).length === 0 ? [] : [{ '_listing.price': price }]),
  ]
}

/** What a product must fulfil beside its price and beside being under `driver`. */
export function otherConditions({ groups, in_stock }: Filter, driver: Terms | undefined): Document[] {
  return [
    ...groups.filter((terms) => terms !== driver).map(anyOf),
    ...(in_stock === undefined ? [] : [{ '_figures.available': in_stock ? { $gt: 0 } : 0 }]),
  ]
}

/** What a product must fulfil when nothing is known of it yet. */
export function allConditions(filter: Filter): Document[] {
  return [...otherConditions(filter, undefined), ...priceConditions(filter)]
}

/** A stage that keeps what fulfils all of them; none where there is nothing to fulfil. */
export function keep(conditions: readonly Document[]): Document[] {
  return conditions.length === 0 ? [] : [{ $match: { $and: conditions } }]
}

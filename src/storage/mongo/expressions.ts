import type { Document } from 'mongodb'

export type Expression = string | number | boolean | Document

/** A value as it is: a text of ours may begin with `$`. */
export function literal(value: unknown): Expression {
  return typeof value === 'number' || typeof value === 'boolean' ? value : { $literal: value }
}

/** A field, or this where it is missing. */
export function fieldOr(field: string, otherwise: Expression | []): Expression {
  return { $ifNull: [`$${field}`, otherwise] }
}

/** An array field without the entries whose `key` has one of these values. */
export function without(field: string, key: string, values: readonly string[]): Expression {
  const among = { $in: [`$$this.${key}`, literal(values)] }
  return { $filter: { input: fieldOr(field, []), cond: { $not: [among] } } }
}

/** The entries of an array field whose `key` has one of these values. */
export function among(field: string, key: string, values: readonly string[]): Expression {
  return {
    $filter: { input: fieldOr(field, []), cond: { $in: [`$$this.${key}`, literal(values)] } },
  }
}

/** An array field with one more entry. */
export function appended(field: string, entry: Document): Expression {
  return { $concatArrays: [fieldOr(field, []), [entry]] }
}

/** An object whose values are these values. */
export function literals(values: object): Document {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, literal(value)]))
}

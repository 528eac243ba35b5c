import type { IndexDefinition, IndexValue, ListQuery } from './storage.ts'

export const MAX_PAGE = 1_000
export const MAX_COUNT = 10_000

/** What every engine needs of a collection's definition to judge a query. */
export interface Indexed {
  name: string
  indexes: Record<string, IndexDefinition>
}

export function assertPage(limit: number): void {
  if (!(limit >= 1 && limit <= MAX_PAGE)) throw new Error(`a page holds 1 to ${MAX_PAGE}, not ${limit}`)
}

/** The index that a query walks; throws when no order of a declared index answers it. */
export function walkedIndex(
  { name, indexes }: Indexed,
  { index, equal = [], range }: Omit<ListQuery, 'limit'>,
): IndexDefinition {
  const definition = indexes[index]
  if (!definition) throw new Error(`${name} declares no index ${index}`)
  const { fields, multi } = definition
  if (equal.length < fields.length - 1 || equal.length > fields.length || (multi && equal.length === 0)) {
    throw new Error(`${name}.${index} is walked with ${equal.length} equal fields: declare an index for that`)
  }
  if (range && equal.length === fields.length) throw new Error(`${name}.${index} has no field for the range`)
  return definition
}

/** The unique index that finds one document by this many values; throws when it is none. */
export function uniqueIndex({ name, indexes }: Indexed, index: string, values: number): IndexDefinition {
  const definition = indexes[index]
  if (!definition?.unique || definition.fields.length !== values) {
    throw new Error(`${name}.${index} is not a unique index of ${values} fields`)
  }
  return definition
}

/** Where `document` lies in the order of this list. */
export function orderingValue({ indexes }: Indexed, query: ListQuery, document: object): IndexValue {
  const { fields } = indexes[query.index]!
  const equal = query.equal ?? []
  const ordering = fields[equal.length]
  return ordering === undefined ? equal.at(-1)! : (valueAt(document, ordering) as IndexValue)
}

/** The value at a path as `idem.key`. */
export function valueAt(document: unknown, path: string): unknown {
  let value = document
  for (const part of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[part]
  return value
}

/** The first text behind all that begin with `prefix`, undefined when there is none. */
export function successor(prefix: string): string | undefined {
  const points = [...prefix]
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!
    // Surrogates are no characters of their own.
    if (last < 0x10ffff) return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}

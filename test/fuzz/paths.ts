import fc, { type Arbitrary } from 'fast-check'
import { valuesOf } from './from-schema.ts'
import { meantFor } from './meanings.ts'
import type { Operation, Parameter } from './operations.ts'
import { anyPair, anyThing } from './things.ts'
import { anyWords } from './words.ts'

/** What stands in a path behind this segment. */
const KINDS: Record<string, string> = {
  products: 'prd',
  categories: 'cat',
  orders: 'ord',
  reviews: 'rev',
  users: 'usr',
  jobs: 'job',
  addresses: 'adr',
  sessions: 'ses',
  items: 'prd',
  images: 'prd>img',
  payments: 'ord>pay',
  returns: 'ord>ret',
  media: 'media',
  '{key}': 'media>file',
  wishlists: 'token',
  actions: 'action',
  'dead-letters': 'evt',
}

const NONSENSE = [
  '0',
  '-1',
  'null',
  '%00',
  '%ff',
  '..%2f..%2fadmin',
  '%5Bobject%20Object%5D',
  'a'.repeat(64),
  'x'.repeat(3_000),
  '%C4%B0',
  'PRD_01',
  '%F0%9F%98%80',
]

const ODD_QUERIES = [
  'x=1',
  '__proto__[a]=1',
  'limit=1&limit=2',
  'attr.colour=white',
  'cursor=e30',
  '%',
  '%ff=%ff',
  '=&&=',
]

/** Path parameters of the document that nothing in the shop is known to stand in: none, or they would be nonsense only. */
export function unknownParameters(operations: readonly Operation[]): string[] {
  return operations.flatMap(({ name, template, path }) =>
    path
      .filter((parameter) => !kindOf(template, parameter.name) && !meantFor(parameter.name, parameter.schema))
      .map((one) => `${name} ${one.name}`),
  )
}

function kindOf(template: string, parameter: string): string | undefined {
  const segments = template.split('/')
  return KINDS[segments[segments.indexOf(`{${parameter}}`) - 1]!]
}

/** Paths of an operation: mostly to what there is. */
export function pathsOf({ template, path }: Operation): Arbitrary<string> {
  const values = path.map((parameter) => segmentsOf(template, parameter, path))
  return fc.tuple(...values).map((chosen) => {
    let filled = template
    for (const given of chosen.toReversed())
      for (const [name, text] of Object.entries(given)) filled = filled.replace(`{${name}}`, () => text)
    return filled
  })
}

/** A pair fills its owner's parameter too, which is therefore looked at first. */
function segmentsOf(
  template: string,
  { name, schema }: Parameter,
  all: readonly Parameter[],
): Arbitrary<Record<string, string>> {
  const kind = kindOf(template, name)
  const [of, part] = kind?.split('>') ?? []
  const before = all[all.findIndex((parameter) => parameter.name === name) - 1]?.name
  const usual: Arbitrary<Record<string, string>> =
    of && part
      ? anyPair(of, part).map(([owner, one]) => ({ ...(before && { [before]: owner }), [name]: one }))
      : (kind ? anyThing(kind) : (meantFor(name, schema) ?? fc.constant('x'))).map((text) => ({
          [name]: text as string,
        }))
  const odd = fc
    .oneof(
      fc.constantFrom(...NONSENSE),
      anyThing('slug'),
      anyWords({ minLength: 1 }).map(encoded),
      valuesOf(schema, '').map((any) => encoded(String(any)) || '0'),
    )
    .map((text) => ({ [name]: text }))
  return fc.oneof({ weight: 8, arbitrary: usual }, { weight: 1, arbitrary: odd })
}

/** Its query with the sign that begins it, or nothing. */
export function queriesOf({ query }: Operation): Arbitrary<string> {
  const parameters = query.map(({ name, schema }) => {
    const value = fc.oneof(
      { weight: 5, arbitrary: valuesOf(schema, name).map(String) },
      { weight: 1, arbitrary: anyWords() },
    )
    const pair = value.map((text) => `${encoded(name)}=${encoded(text)}`)
    return fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: pair })
  })
  const extra = fc.oneof(
    { weight: 30, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_QUERIES) },
  )
  return fc.tuple(...parameters, extra).map((parts) => {
    const given = parts.filter((part) => part !== '')
    return given.length > 0 ? `?${given.join('&')}` : ''
  })
}

/** As it stands in an address; placeholders stay readable, and half a pair is the sign for what cannot be read. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%7B%7B', '{{')
    .replaceAll('%7D%7D', '}}')
    .replaceAll('%3A', ':')
    .replaceAll('%3E', '>')
}

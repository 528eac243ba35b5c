import fc, { type Arbitrary } from 'fast-check'

/** JSON that stands where something else should, as it is written: much of it no writer of JSON would make. */
const FRAGMENTS = [
  ...['null', 'true', '0', '-1', '1.5', '""', '[]', '{}', '"x"', '" "', '["x"]', '[null]'],
  ...['1e400', '-1e400', '1e308', '-0', '1E+2', '9007199254740991', '9007199254740992', '9007199254740993'],
  ...['-9007199254740991', '1.0000000000000000000001', '2147483648', '1e-7', '01', 'NaN', 'undefined'],
  ...['"\\ud800"', '"\\u0000"', '"\\u202e"', '"\\uFEFF"', '"a\\nb"', '"\\uD83D\\uDE00"', "'x'"],
  ...['{"$gt":""}', '{"__proto__":{"admin":true}}', '{"a":1,"a":2}', '{"constructor":{"prototype":{}}}'],
  '{"length":1}',
  '{"toString":1}',
  `"${'x'.repeat(5_000)}"`,
  `"${'é'.repeat(201)}"`,
  `[${Array.from({ length: 1_200 }, () => '0').join()}]`,
  `{${Array.from({ length: 1_001 }, (_, key) => `"k${key}":0`).join()}}`,
  '['.repeat(31) + ']'.repeat(31),
  '['.repeat(40) + ']'.repeat(40),
  `${'{"a":'.repeat(33)}0${'}'.repeat(33)}`,
]

const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  '$set',
  'a.b',
  '',
  'role',
  'id',
  '_id',
  'version',
  '\u0000',
  'é'.repeat(300),
]

const MARK = /"<<fragment (\d+)>>"/g

type Place = { holder: Record<string, unknown>; key: string }

/** JSON text of one of `values`, with one thing in it that is missing, something else or too much. */
export function brokenInOnePlace(values: Arbitrary<unknown>): Arbitrary<string> {
  const breaks = fc.record({
    how: fc.constantFrom('remove', 'replace', 'replace', 'replace', 'add'),
    place: fc.nat(),
    fragment: fc.nat(FRAGMENTS.length - 1),
    key: fc.constantFrom(...KEYS),
  })
  return fc.tuple(values, breaks).map(([value, { how, place, fragment, key }]) => {
    const mark = `<<fragment ${fragment}>>`
    const whole = { value: structuredClone(value) }
    const places = placesOf(whole)
    const chosen = places[place % places.length]!
    if (how === 'remove' && chosen.holder !== whole) delete chosen.holder[chosen.key]
    else if (how === 'add' && chosen.holder !== whole) define(chosen.holder, key, mark)
    else define(chosen.holder, chosen.key, mark)
    return JSON.stringify(whole.value).replaceAll(MARK, (_, number: string) => FRAGMENTS[Number(number)]!)
  })
}

/** Also a field with the name of the prototype becomes a field. */
function define(holder: object, key: string, value: string): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}

function placesOf(holder: object): Place[] {
  return Object.entries(holder).flatMap(([key, inner]) => [
    { holder: holder as Record<string, unknown>, key },
    ...(typeof inner === 'object' && inner !== null ? placesOf(inner) : []),
  ])
}

/** Bytes that are no JSON, or not quite. */
export function brokenText(texts: Arbitrary<string>): Arbitrary<Buffer> {
  const cut = fc.tuple(texts, fc.nat(1_000)).map(([text, at]) => Buffer.from(text.slice(0, at % text.length)))
  const around = fc
    .tuple(
      texts,
      fc.constantFrom(['\uFEFF', ''], ['', '\u0000'], ['', ']'], [' \n\t', ' '], ['/**/', ''], ['', ',{}']),
    )
    .map(([text, [before, after]]) => Buffer.from(before + text + after))
  const notText = texts.map((text) =>
    Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xc0, 0x22, 0x7d])]),
  )
  const wide = texts.map((text) => Buffer.from(text, 'utf16le'))
  const junk = fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes))
  const fragments = fc.constantFrom(...FRAGMENTS).map((text) => Buffer.from(text))
  const large = fc
    .constantFrom(70_000, 300_000, 1_100_000)
    .map((length) => Buffer.from(`"${'x'.repeat(length)}"`))
  return fc.oneof(
    ...[cut, around, notText, wide, junk].map((arbitrary) => ({ weight: 3, arbitrary })),
    { weight: 6, arbitrary: fragments },
    { weight: 1, arbitrary: large },
  )
}

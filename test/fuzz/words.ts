import fc, { type Arbitrary } from 'fast-check'

/** What has been trouble to somebody: other scripts, marks without a letter, controls, halves of pairs, languages of databases. */
const TROUBLE = [
  'Zoë',
  'İstanbul',
  'ﬁ ẞ ß',
  '日本語',
  'עברית العربية',
  '👩‍👩‍👧‍👦',
  '\u202Eabc',
  'e\u0301\u0301\u0301',
  '\u0000',
  '\uFEFF',
  '\u2028',
  '\uD800',
  '\u007F\u0085',
  '$gt',
  "' OR 1=1 --",
  '%_\\',
  '"*" NEAR(',
  '[object Object]',
  '../../etc/passwd',
  '=cmd|calc',
  '<img onerror=1>',
  '\r\nX-Injected: 1',
  '0x10',
  '1e3',
  '-0',
  'true',
  'null',
  '   ',
]

/** Plain words mostly, now and then any characters at all. */
export function anyWords({ minLength = 0, maxLength = 40 } = {}): Arbitrary<string> {
  const size = { minLength, maxLength, size: 'small' as const }
  const troubles = TROUBLE.filter((text) => text.length >= minLength && text.length <= maxLength)
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ ...size, unit: 'grapheme-ascii' }) },
    {
      weight: 1,
      arbitrary: fc.string({ ...size, unit: 'binary' }).filter((text) => text.length <= maxLength),
    },
    ...(troubles.length > 0 ? [{ weight: 2, arbitrary: fc.constantFrom(...troubles) }] : []),
  )
}

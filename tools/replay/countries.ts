/** Names that the file has and ISO 3166 has not. */
const OTHER_NAMES: Record<string, string> = {
  eire: 'IE',
  usa: 'US',
  rsa: 'ZA',
  'channel islands': 'JE',
  'hong kong': 'HK',
  'czech republic': 'CZ',
}

const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
const codes = new Map(Object.entries(OTHER_NAMES))
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
for (const first of LETTERS) {
  for (const second of LETTERS) {
    const code = first + second
    // Codes of countries that are no more are known by the names of their heirs.
    if (Intl.getCanonicalLocales(`und-${code}`)[0] !== `und-${code}`) continue
    const name = names.of(code)?.toLowerCase()
    if (name && !codes.has(name)) codes.set(name, code)
  }
}

/** The ISO 3166-1 code of a country's English name; the shop's own country for "Unspecified" and its like. */
export function countryCode(name: string): string {
  return codes.get(name.toLowerCase()) ?? 'GB'
}

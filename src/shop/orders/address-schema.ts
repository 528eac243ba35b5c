import { type Static, Type } from 'typebox'

export { isCountry } from '../../kernel/countries.ts'

/** Without control characters: nothing of it may break a line of a label, a mail or a log. */
const LINE = '^[^\\u0000-\\u001f\\u007f]*\\S[^\\u0000-\\u001f\\u007f]*$'

function line(maxLength: number, description?: string) {
  return Type.String({ minLength: 1, maxLength, pattern: LINE, ...(description && { description }) })
}

export const Address = Type.Object(
  {
    name: line(100),
    line1: line(200),
    line2: Type.Optional(line(200)),
    city: line(100),
    region: Type.Optional(line(100)),
    postal_code: line(20),
    country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2, as GB' }),
    phone: Type.Optional(line(30)),
  },
  { additionalProperties: false },
)
export type Address = Static<typeof Address>

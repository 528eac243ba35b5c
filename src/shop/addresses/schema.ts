import { type Static, Type } from 'typebox'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export { isCountry } from '../../kernel/countries.ts'

export const MAX_ADDRESSES = 20

const closed = { additionalProperties: false } as const

/** Without control characters: nothing of it may break a line of a label, a mail or a log. */
const LINE = '^[^\\u0000-\\u001f\\u007f]*\\S[^\\u0000-\\u001f\\u007f]*$'

function line(maxLength: number, description?: string) {
  return Type.String({ minLength: 1, maxLength, pattern: LINE, description: description ?? 'A line of text' })
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

const { country, name, line1, line2, city, region, postal_code, phone } = Address.properties

/** An address as its owner keeps it. */
export interface SavedAddress extends Address {
  /** `adr_…` */
  id: string
  version: number
  created_at: string
  updated_at: string
}

/** All addresses of a user, under the user's id: so there are never too many of them, and one is the default. */
export interface AddressBook extends Stored {
  /** In the order in which they were saved. */
  addresses: SavedAddress[]
  /** There as long as there is an address. */
  default_id?: string
}

export const ADDRESS_BOOKS: CollectionDefinition<AddressBook> = { name: 'addresses', indexes: {} }

export const NewAddress = Type.Object(
  {
    ...Address.properties,
    is_default: Type.Optional(Type.Boolean({ description: 'The first one is the default in any case' })),
  },
  closed,
)
export type NewAddress = Static<typeof NewAddress>

const removable = <Line extends typeof line2>(line: Line) =>
  Type.Optional(Type.Union([line, Type.Null()], { description: 'null takes it out' }))

export const AddressChange = Type.Object(
  {
    ...{ name: Type.Optional(name), line1: Type.Optional(line1), city: Type.Optional(city) },
    ...{ postal_code: Type.Optional(postal_code), country: Type.Optional(country) },
    ...{ line2: removable(line2), region: removable(region), phone: removable(phone) },
    is_default: Type.Optional(
      Type.Literal(true, { description: 'Another one ceases to be it by that; one always is' }),
    ),
  },
  { ...closed, minProperties: 1 },
)
export type AddressChange = Static<typeof AddressChange>

export const AddressView = Type.Object(
  {
    ...{ id: Type.String(), version: Type.Integer() },
    created_at: Type.String({ format: 'date-time' }),
    updated_at: Type.String({ format: 'date-time' }),
    ...Address.properties,
    is_default: Type.Boolean(),
  },
  closed,
)
export type AddressView = Static<typeof AddressView>

export const AddressList = Type.Object(
  {
    items: Type.Array(AddressView, {
      description: `In the order in which they were saved; at most ${MAX_ADDRESSES}`,
    }),
  },
  closed,
)

import { Refusal } from '../../kernel/errors.ts'
import {
  type Address,
  type AddressBook,
  type AddressChange,
  type AddressView,
  isCountry,
  MAX_ADDRESSES,
  type NewAddress,
  type SavedAddress,
} from './schema.ts'

export type Pages = Pick<AddressBook, 'addresses' | 'default_id'>

/** Throws for a country that does not exist. */
export function assertCountry(country: string | undefined): void {
  if (country === undefined || isCountry(country)) return
  throw new Refusal('invalid', 'invalid_body', 'The body does not fit; `errors` names each fault.', {
    errors: [{ pointer: '/country', code: 'country', message: 'must be an ISO 3166-1 alpha-2 code' }],
  })
}

/** Throws `not_found` for what is not in the book: also for an address of somebody else. */
export function addressIn({ addresses }: Pages, id: string): SavedAddress {
  const found = addresses.find((address) => address.id === id)
  if (!found) throw new Refusal('not_found', 'not_found', 'There is no such address.')
  return found
}

/** The book with one more; the same when it is in it already, because an answer was lost. Throws `too_many_addresses`. */
export function withNew(
  book: Pages,
  { is_default, ...address }: NewAddress,
  { id, at }: { id: string; at: string },
): Pages {
  if (book.addresses.some((address) => address.id === id)) return book
  if (book.addresses.length >= MAX_ADDRESSES) {
    throw new Refusal('conflict', 'too_many_addresses', `There can be ${MAX_ADDRESSES} addresses at most.`)
  }
  const saved: SavedAddress = { ...{ id, version: 1, created_at: at, updated_at: at }, ...address }
  const default_id = is_default || book.default_id === undefined ? id : book.default_id
  return { addresses: [...book.addresses, saved], default_id }
}

/** The book with one of its addresses changed; its version is raised when it is another address than before. */
export function withChanged(
  book: Pages,
  id: string,
  { is_default, ...change }: AddressChange,
  at: string,
): Pages {
  const before = addressIn(book, id)
  const after = changed(before, change)
  const moved = Object.keys(change).some(
    (field) => before[field as keyof Address] !== after[field as keyof Address],
  )
  const next = moved ? { ...after, version: before.version + 1, updated_at: at } : before
  return {
    addresses: book.addresses.map((address) => (address.id === id ? next : address)),
    default_id: is_default ? id : book.default_id,
  }
}

function changed(address: SavedAddress, change: Omit<AddressChange, 'is_default'>): SavedAddress {
  const fields = Object.entries({ ...address, ...change }).filter(([, value]) => value !== null)
  return Object.fromEntries(fields) as unknown as SavedAddress
}

/** The book without one of its addresses; the oldest that is left becomes the default when there is none. */
export function without(book: Pages, id: string): Pages {
  addressIn(book, id)
  const addresses = book.addresses.filter((address) => address.id !== id)
  return { addresses, default_id: book.default_id === id ? addresses[0]?.id : book.default_id }
}

/** An address as its owner sees it. */
export function addressView({ default_id }: Pages, address: SavedAddress): AddressView {
  return { ...address, is_default: address.id === default_id }
}

/** What an order takes of it. */
export function addressOf({
  id: _,
  version: __,
  created_at: ___,
  updated_at: ____,
  ...address
}: SavedAddress): Address {
  return address
}

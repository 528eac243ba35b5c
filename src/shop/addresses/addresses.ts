import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Storage } from '../../storage/storage.ts'
import {
  addressIn,
  addressOf,
  addressView,
  assertCountry,
  type Pages,
  withChanged,
  withNew,
  without,
} from './rules.ts'
import {
  ADDRESS_BOOKS,
  type Address,
  type AddressBook,
  type AddressChange,
  type AddressView,
  type NewAddress,
} from './schema.ts'

const MAX_TRIES = 8
const EMPTY: Pages = { addresses: [] }

export interface AddressesOptions {
  storage: Pick<Storage, 'collection'>
  clock: Clock
}

/** Which address of whose. */
export interface AddressOf {
  user_id: string
  id: string
  /** From `If-Match`. */
  expected_version?: number
}

export type Addresses = ReturnType<typeof createAddresses>

/** Where people want their goods: the addresses that they keep. */
export function createAddresses({ storage, clock }: AddressesOptions) {
  const books = storage.collection(ADDRESS_BOOKS)

  /** Changes the book by compare-and-set, as often as somebody else is faster. */
  async function change(user_id: string, decide: (book: Pages, at: string) => Pages): Promise<Pages> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const book = await books.get(user_id)
      const at = timestamp(clock.now())
      const next = decide(book ?? EMPTY, at)
      try {
        return await written(user_id, book, { ...next, updated_at: at })
      } catch (error) {
        if (!isRefusal(error, 'version_moved') && !isRefusal(error, 'duplicate')) throw error
      }
    }
    throw new Refusal(
      'unavailable',
      'busy',
      'These addresses are being changed by many at once; try again.',
      {
        retry_after_seconds: 1,
      },
    )
  }

  function written(id: string, book: AddressBook | undefined, next: Pages & { updated_at: string }) {
    if (book) return books.replace({ ...book, ...next })
    return books.insert({ id, ...next, created_at: next.updated_at })
  }

  async function list(user_id: string): Promise<AddressView[]> {
    const book = (await books.get(user_id)) ?? EMPTY
    return book.addresses.map((address) => addressView(book, address))
  }

  return {
    list,

    /** Throws `invalid_body` for a country that does not exist, and `too_many_addresses`. */
    async add(user_id: string, address: NewAddress): Promise<AddressView> {
      assertCountry(address.country)
      const id = newId('adr', clock.now())
      const book = await change(user_id, (pages, at) => withNew(pages, address, { id, at }))
      return addressView(book, addressIn(book, id))
    },

    /** Throws `not_found`, `version_moved` and `invalid_body`. */
    async change({ user_id, id, expected_version }: AddressOf, wanted: AddressChange): Promise<AddressView> {
      assertCountry(wanted.country)
      const book = await change(user_id, (pages, at) => {
        const { version } = addressIn(pages, id)
        if (expected_version !== undefined && version !== expected_version)
          throw new Refusal('version_conflict', 'version_moved', 'This address changed since it was read.')
        return withChanged(pages, id, wanted, at)
      })
      return addressView(book, addressIn(book, id))
    },

    /** Throws `not_found`. */
    async remove({ user_id, id }: AddressOf): Promise<void> {
      await change(user_id, (pages) => without(pages, id))
    },

    /** The address for an order. Throws `not_found`, also for somebody else's. */
    async find({ user_id, id }: Pick<AddressOf, 'user_id' | 'id'>): Promise<Address> {
      return addressOf(addressIn((await books.get(user_id)) ?? EMPTY, id))
    },

    /** All that is kept, for its owner. */
    known: list,

    /** Removes the whole book. */
    async forget(user_id: string): Promise<void> {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const book = await books.get(user_id)
        if (!book || (await books.remove(book.id, book.version))) return
      }
      throw new Error(`the addresses of ${user_id} kept changing while they were removed`)
    },
  }
}

import { randomBytes } from 'node:crypto'

/** Crockford's base32: no letter that could be read as a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 8

/** What people call an order by: random, so that it tells nobody how many there are. */
export function newOrderNumber(): string {
  return Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte & 31]).join('')
}

import fc, { type Arbitrary } from 'fast-check'
import type { Schema } from './operations.ts'
import { anyThing } from './things.ts'

/** The only password there is, so that whoever was signed out can sign in again. */
export const PASSWORD = 'a password of the fuzz'
/** More days than the shop has ever been open. */
const DAYS = 400

const aTime = fc
  .integer({ min: -DAYS, max: 1 })
  .map((days) => new Date(Date.now() + days * 86_400_000).toISOString())

/** What a field of this name means, whatever its schema lets through. */
const TEXTS: Record<string, Arbitrary<string>> = {
  id: anyThing('prd'),
  new_email: fc.stringMatching(/^[a-z]{8}@fuzz\.example$/),
  product_id: fc.oneof(
    { weight: 3, arbitrary: anyThing('on_sale') },
    { weight: 1, arbitrary: anyThing('prd') },
  ),
  sku: anyThing('sku'),
  category: fc.oneof(anyThing('cat'), anyThing('slug')),
  category_ids: anyThing('cat'),
  parent_id: anyThing('cat'),
  user_id: anyThing('usr'),
  user: anyThing('usr'),
  actor: anyThing('usr'),
  order: anyThing('ord'),
  shipping_address_id: anyThing('adr'),
  billing_address_id: anyThing('adr'),
  cursor: anyThing('cursor'),
  refresh_token: anyThing('refresh_token'),
  token: anyThing('link'),
  email: fc.oneof(anyThing('email'), fc.stringMatching(/^[a-z]{8}@fuzz\.example$/)),
  password: fc.constant(PASSWORD),
  current_password: fc.constant(PASSWORD),
  new_password: fc.constant(PASSWORD),
  method: fc.constantFrom(
    'tok_success',
    'tok_declined',
    'tok_insufficient_funds',
    'tok_requires_action',
    'tok_timeout',
    'tok_duplicate_webhook',
    '4242424242424242',
  ),
  country: fc.constantFrom('GB', 'GB', 'US', 'XX', 'DE', 'AQ', 'GB'),
  currency: fc.constantFrom('USD', 'USD', 'USD', 'EUR'),
  q: fc.constantFrom('lamp', 'lant', 'shirt s', 'a', '"', 'white metal'),
  tag: fc.constantFrom('metal', 'outdoor'),
  anonymous_id: fc.integer({ min: 0, max: 9 }).map((number) => `visitor-${number}`),
  session_id: fc.integer({ min: 0, max: 9 }).map((number) => `visit-${number}`),
  event_id: fc.uuid({ version: 7 }),
  from: aTime,
  to: aTime,
  timestamp: aTime,
  sent_at: aTime,
  provider: fc.constantFrom('test', 'stripe'),
}

const NUMBERS: Record<string, Arbitrary<number>> = {
  amount: fc.integer({ min: 0, max: 10_000 }),
  quantity: fc.integer({ min: 1, max: 5 }),
  stock: fc.integer({ min: 0, max: 1_000 }),
  delta: fc.integer({ min: -5, max: 50 }),
}

/** What likely stands in a field of this name and schema; undefined where the name says nothing. */
export function meantFor(name: string, { type, pattern }: Schema): Arbitrary<unknown> | undefined {
  // Where a SKU is given and not asked for, it is to be a new one.
  if (name === 'sku' && pattern !== undefined) return undefined
  const known: Record<string, Arbitrary<unknown>> = type === 'string'
    ? TEXTS
    : type === 'integer'
      ? NUMBERS
      : {}
  return Object.hasOwn(known, name) ? known[name] : undefined
}

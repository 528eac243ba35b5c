/**
 * The provider port: what checkout needs of whoever moves the money, and no more. A provider keeps an object for each order,
 * made before anything is authorised, so that whatever happens there is something to cancel. Every operation has a key: a
 * repeat under it changes nothing and is answered as the first was. Protocol: docs/checkout.md.
 */
export interface PaymentProvider {
  /** Stands in orders and in the path of its webhooks. */
  name: string
  create(wanted: Keyed & { order_id: string; amount: number; currency: string }): Promise<Outcome>
  /** Holds the amount on the customer's card. A repeat tells how it stands now, after the browser did what was asked. */
  authorise(wanted: OnObject & { method: string }): Promise<Outcome>
  /** Takes what was held; no more than that. */
  capture(wanted: OnObject & { amount: number }): Promise<Outcome>
  /** Gives back what is held and refuses every later authorisation. */
  cancel(wanted: OnObject): Promise<Outcome>
  /** Gives back a part of what was taken, or all; never more. */
  refund(wanted: OnObject & { amount: number }): Promise<Outcome>
  /** Undefined when there is no such object. Rejects when the provider does not answer. */
  find(object_id: string): Promise<PaymentObject | undefined>
  /**
   * Objects that were made at or after a time (ms), in pages behind `after`, in an order of the provider's own. Rejects when the
   * provider does not answer.
   */
  list(since: number, after: PaymentObject | null, limit: number): Promise<PaymentObject[]>
  /** What a delivery to the shop's webhook tells, or why it is not believed. */
  hear(delivery: Delivery): Heard
  /** There where the shop serves the provider's own pages: of the test provider. */
  pages?: ProviderPages
  close(): Promise<void>
}

export interface ProviderPages {
  /** The customer's browser says yes or no. False when there is nothing to say. */
  act(action: string, succeeded: boolean): boolean
}

/** A request of the provider to the shop. */
export interface Delivery {
  /** As it came over the wire: the signature is over these bytes. */
  body: Buffer
  headers: Readonly<Record<string, string | string[] | undefined>>
}

export type Heard = { notice: Notice } | { refused: NoticeFault }

export type NoticeFault =
  | 'unsigned'
  | 'wrong_signature'
  /** Signed too long ago, or in the future: it may be somebody's copy. */
  | 'stale'
  /** Of the provider's test mode, in production; or the other way round. */
  | 'wrong_mode'
  | 'malformed'

/** What a provider tells by itself; it may come late, twice and in any order, so it is a hint to look and decides nothing. */
export interface Notice {
  /** The provider's: the same for every delivery of this notice. */
  id: string
  /** In the provider's words. */
  type: string
  /** Which object it tells of, and what of its worth; absent where it tells of something else. */
  object?: Pick<PaymentObject, 'id' | 'order_id'> & Partial<Pick<PaymentObject, 'amount' | 'currency'>>
  /** A refund that was accepted and has failed since, by its key. */
  failed_refund?: string
}

interface Keyed {
  /** The shop's, for this operation for ever. */
  key: string
}

interface OnObject extends Keyed {
  object_id: string
}

/** `unknown` is what a time-out means: it may have been done, and nobody may take it for a refusal. */
export type Outcome =
  | { outcome: 'done'; object: PaymentObject }
  | { outcome: 'refused'; code: RefusalCode; object?: PaymentObject }
  | { outcome: 'needs_action'; action: BrowserAction; object: PaymentObject }
  | { outcome: 'unknown'; reason: string }

/** What the customer's browser has to do before the provider goes on. */
export interface BrowserAction {
  kind: 'redirect'
  url: string
}

export const REFUSAL_CODES = [
  /** The bank says no and does not say why. */
  'declined',
  'insufficient_funds',
  'expired_card',
  /** The customer did not prove to be the owner of the card. */
  'authentication_failed',
  /** Nothing that the provider could charge. */
  'invalid_method',
  /** The object was cancelled before. */
  'cancelled',
  /** The object is not at the step that the operation starts from. */
  'wrong_state',
  /** More than was held or taken. */
  'too_much',
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]

export const OBJECT_STATES = ['new', 'needs_action', 'authorised', 'captured', 'cancelled'] as const

/** What the provider knows of an order's payment. Amounts are minor units. */
export interface PaymentObject {
  id: string
  order_id: string
  amount: number
  currency: string
  state: (typeof OBJECT_STATES)[number]
  captured: number
  refunded: number
  /** Milliseconds. */
  created_at: number
}

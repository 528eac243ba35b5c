/**
 * What lies in the storage and in the log, read past the product's own code: the checker has its own idea of both, so that
 * a fault of the product cannot hide itself.
 */
export interface Facts extends StorageFacts {
  /** What the provider's ledger holds. */
  provider: ProviderFacts
  records: EventFact[]
  /** The log may hold an event more than once (Kafka); readers tell copies by topic, subject and sequence. */
  repeats: boolean
}

/** What an engine of the storage holds. */
export interface StorageFacts {
  orders: OrderFact[]
  stock: StockFact[]
  reservations: ReservationFact[]
  products: DocumentFact[]
  carts: CartFact[]
  users: DocumentFact[]
  sessions: DocumentFact[]
  /** Notices of the provider that the shop has stored. */
  inbox: InboxFact[]
  mails: MailFact[]
  /** Events that are not known to be in the log, as `topic/subject/sequence`. */
  outbox: string[]
}

export interface StorageReader {
  read(): Promise<StorageFacts>
  /** What is still under way, in words; nothing at rest. Cheap enough to be asked several times a second. */
  unrest(): Promise<string[]>
  close(): Promise<void>
}

export interface LogReader {
  /** Every record of every topic; those of one partition in the order of their offsets. */
  read(): Promise<EventFact[]>
  repeats: boolean
}

export interface ProviderFacts {
  objects: ObjectFact[]
  operations: { key: string; kind: string; object_id: string; outcome: string; amount: number }[]
  /** What it tells by itself; `copies` are those that the shop has not acknowledged. */
  notices: { id: string; body: string; copies: number }[]
  /** How the shop answered what was signed by somebody else: the notice, and the status. */
  forgeries: { notice: string; status: number }[]
}

export interface InboxFact extends DocumentFact {
  notice: { id: string }
  tries: number
  /** What it came to, once it was looked at. */
  outcome?: string
}

export interface MailFact extends DocumentFact {
  kind: string
  message_id: string
  order_id?: string
}

export interface ObjectFact {
  id: string
  order_id: string
  amount: number
  currency: string
  state: string
  captured: number
  refunded: number
}

/** Storage and log of a pair, which may be of different engines, and the provider's ledger. */
export async function readFacts(
  storage: StorageReader,
  log: LogReader,
  provider: () => ProviderFacts,
): Promise<Facts> {
  return {
    // The ledger after it: what is stored was told before.
    ...(await storage.read()),
    provider: provider(),
    records: await log.read(),
    repeats: log.repeats,
  }
}

export const TOPICS = [
  'ecommerce-user-events',
  'ecommerce-orders',
  'ecommerce-inventory',
  'ecommerce-clickstream',
  'ecommerce-payments',
  'ecommerce-operations',
  'ecommerce-dead-letters',
]
/** Of each topic. */
export const PARTITIONS = 12

/** Steps at which an order rests. */
export const RESTING_STEPS = ['COMMITTED', 'CANCELLED', 'REVERSED']

export interface DocumentFact {
  id: string
  version: number
  sequences?: Record<string, number>
}

export interface OrderFact extends DocumentFact {
  user_id: string
  idem?: { key: string }
  cart_claim?: string
  lines: {
    product_id: string
    sku: string
    quantity: number
    unit_price: number
    line_total: number
    product_version: number
  }[]
  subtotal: number
  shipping: number
  tax: number
  discount: number
  total: number
  currency: string
  payment_method: string
  payment_status: string
  payment?: {
    object_id?: string
    operations: {
      id: string
      kind: string
      number: number
      state: string
      amount: number
      tries?: number
      elsewhere?: boolean
    }[]
    captured: number
    refunded: number
  }
  returns?: {
    id: string
    state: string
    /** Of what was received: pieces that went back into the stock; the others are written off and stay sold. */
    lines: { product_id: string; sku: string; quantity: number; restocked?: number }[]
    restock?: string
  }[]
  /** Its id in the shop that sold it, of an order that was imported. */
  external_id?: string
  step: string
  status: string
  placed_at?: string
  history: { step: string; status: string; at: string; by: string }[]
}

export interface CartFact extends DocumentFact {
  lines: unknown[]
}

export interface ReservationFact {
  product_id: string
  sku: string
  order_id: string
  quantity: number
}

export interface StockFact {
  product_id: string
  sku: string
  received: number
  adjusted: number
  available: number
  reserved: number
  sold: number
  sequence: number
  frozen: number | boolean
}

/** A record of the log with its place. `text` is all of it, so that copies can be compared. */
export interface EventFact {
  topic: string
  partition: number
  offset: number
  key: string
  id: string
  type: string
  subject: string
  sequence: number
  time: string
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: the checker looks into data of every type
  data: any
}

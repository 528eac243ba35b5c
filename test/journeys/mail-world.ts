import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { type ReceivedMail, startSmtp, type TestSmtp } from '../servers/smtp.ts'
import type { Body } from '../support/http-client.ts'
import { tokenIn } from '../support/mailer.ts'
import { bodiesOf } from '../support/mime.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
export const usd = (amount: number) => ({ amount, currency: 'USD' })

/** A mail as its reader sees it. */
export interface ReadMail {
  kind: string
  message_id: string
  subject: string
  text: string
  html: string
}

/** A shop of this file that mails by a real server, and a clock that its tests move. */
export function mailShop(environment: Record<string, string> = {}) {
  let smtp: TestSmtp
  let shop: RunningShop
  let staff: SignedInClient
  let ahead_ms = 0
  before(async () => {
    smtp = await startSmtp()
    shop = await startShop({
      clock: { now: () => Date.now() + ahead_ms },
      environment: {
        SMTP_URL: smtp.url,
        MAIL_FROM: 'Lamps & Co <orders@lamps.example>',
        PUBLIC_URL: 'https://lamps.example',
        ACCESS_TOKEN_TTL: '1d',
        ...environment,
      },
    })
    staff = await shop.asStaff()
  })
  after(async () => {
    await shop.stop()
    await smtp.stop()
  })

  const to = (email: string) => smtp.received.filter((mail) => mail.to.includes(email)).map(read)

  return {
    shop: () => shop,
    staff: () => staff,
    smtp: () => smtp,
    pass(ms: number) {
      ahead_ms += ms
    },
    /** What has come to an address. */
    to,
    /** Waits for as many mails of a kind to an address, and says the newest. */
    async mailed(email: string, kind: string, count = 1): Promise<ReadMail> {
      const ofKind = () => to(email).filter((mail) => mail.kind === kind)
      await until(() => ofKind().length >= count)
      assert.equal(ofKind().length, count)
      return ofKind().at(-1)!
    },
    /** A customer who has opened the link of the welcome. */
    async confirmedCustomer(): Promise<SignedInClient> {
      const customer = await shop.registerCustomer()
      await until(() => to(customer.email).length > 0)
      const token = tokenIn(to(customer.email)[0]!)
      assert.equal((await customer.post('/auth/verify-email', { token })).status, 200)
      return customer
    },
    async product(fields: object = {}): Promise<string> {
      const product = { status: 'active', name: 'Lamp', price: usd(2_000), stock: 50, ...fields }
      const { status, body, text } = await staff.post('/products', product)
      assert.equal(status, 201, text)
      return body.id
    },
    async ordered(customer: SignedInClient, fields: object): Promise<Body> {
      const order = { shipping_address: ADDRESS, payment_method: 'cash_on_delivery', ...fields }
      const { status, body, text } = await customer.post('/orders', order)
      assert.equal(status, 201, text)
      return body
    },
    /** Staff change an order, as soon as it has come to rest. */
    async changed(id: string, change: object): Promise<void> {
      await until(async () => (await staff.put(`/orders/${id}`, change)).status === 200)
    },
  }
}

function read({ message_id, raw }: ReceivedMail): ReadMail {
  const kind = /^<([a-z_]+)\./.exec(message_id)?.[1] ?? ''
  const subject = /^Subject: (.+)\r$/m.exec(raw)?.[1] ?? ''
  return { kind, message_id, subject, ...bodiesOf(raw) }
}

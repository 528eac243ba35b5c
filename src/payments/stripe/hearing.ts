import { isUtf8 } from 'node:buffer'
import { Stripe } from 'stripe'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import type { Delivery, Heard, NoticeFault } from '../provider.ts'
import { Event } from './event-schema.ts'
import { noticeOf } from './notice-rules.ts'

export interface HearingNeeds {
  /** Of the endpoint: the current one, and the previous one while it is rotated. */
  webhook_secrets: readonly string[]
  /** Whether the shop's key is of the live mode. */
  live: boolean
  clock: Clock
}

/** How far the time of signing may lie behind or ahead of the shop's clock. */
const TOLERANCE_SECONDS = 300
const validator = Compile(Event)

/** Believes a delivery by its signature over the bytes as they came (https://docs.stripe.com/webhooks/signature), and by nothing else. */
export function createHearing({ webhook_secrets, live, clock }: HearingNeeds) {
  return function hear({ body, headers }: Delivery): Heard {
    const header = headers['stripe-signature']
    if (header === undefined || header === '') return { refused: 'unsigned' }
    const fault = signatureFault(body, header)
    if (fault) return { refused: fault }
    const event = parsed(body)
    if (!validator.Check(event)) return { refused: 'malformed' }
    if (event.livemode !== live) return { refused: 'wrong_mode' }
    return { notice: noticeOf(event) }
  }

  function signatureFault(body: Buffer, header: string | string[]): NoticeFault | undefined {
    if (typeof header !== 'string') return 'wrong_signature'
    const signed_at = timeIn(header)
    // The library reads text: bytes that are none would be replaced before they are compared.
    if (signed_at === undefined || !isUtf8(body)) return 'wrong_signature'
    const text = body.toString('utf8')
    if (!webhook_secrets.some((secret) => isSigned(text, header, secret))) return 'wrong_signature'
    const age_seconds = Math.floor(clock.now() / 1_000) - signed_at
    return Math.abs(age_seconds) > TOLERANCE_SECONDS ? 'stale' : undefined
  }
}

/** Seconds. With several times it would not be plain which of them was signed: then there is none. */
function timeIn(header: string): number | undefined {
  const times = header.split(',').filter((item) => item.split('=')[0] === 't')
  const [, seconds] = /^t=(\d{1,12})$/.exec(times[0] ?? '') ?? []
  return times.length === 1 && seconds !== undefined ? Number(seconds) : undefined
}

/** Without a tolerance: the library's looks into the past alone. */
function isSigned(text: string, header: string, secret: string): boolean {
  try {
    return Stripe.webhooks.signature!.verifyHeader(text, header, secret, 0)
  } catch {
    return false
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

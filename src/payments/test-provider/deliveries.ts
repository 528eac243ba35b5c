import { createHmac } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import { periodically } from '../../kernel/periodic.ts'
import type { Faults } from './faults.ts'
import type { Letter, Mailbox } from './mailbox.ts'
import { SIGNATURE_HEADER, signatureOf } from './signature-rules.ts'

export interface DeliveriesOptions {
  mailbox: Mailbox
  clock: Clock
  /** Where the shop takes them. */
  url: string
  secret: string
  faults: Pick<Faults, 'forged'>
}

const LOOK_EVERY_MS = 500
const AT_ONCE = 16
const DEADLINE_MS = 10_000
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 60_000

/** Brings notices to the shop until it has taken each as often as it is to get it. */
export function startDeliveries({ mailbox, clock, url, secret, faults }: DeliveriesOptions) {
  async function deliver({ n, id, body, tries }: Letter): Promise<void> {
    const bytes = Buffer.from(body)
    if (tries === 0 && Math.random() < faults.forged) {
      const status = await post(bytes, forgedSecret(secret))
      if (status !== undefined) mailbox.forged(id, status)
    }
    const status = await post(bytes, secret)
    if (status !== undefined && status >= 200 && status < 300) return mailbox.taken(n)
    mailbox.postponed(n, clock.now() + Math.min(FIRST_RETRY_MS * 2 ** Math.min(tries, 16), LAST_RETRY_MS))
  }

  /** The status of the answer; undefined when there is none. */
  async function post(body: Buffer, key: string): Promise<number | undefined> {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [SIGNATURE_HEADER]: signatureOf(body, key, clock.now()),
        },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(DEADLINE_MS),
      })
      await answer.body?.cancel()
      return answer.status
    } catch {
      return undefined
    }
  }

  return periodically(
    LOOK_EVERY_MS,
    async () => {
      await Promise.all(mailbox.due(clock.now(), AT_ONCE).map(deliver))
    },
    (error) => process.emitWarning(error as Error),
  )
}

function forgedSecret(secret: string): string {
  return createHmac('sha256', secret).update('somebody else').digest('hex')
}

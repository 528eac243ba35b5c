import type { Clock } from '../../kernel/clock.ts'
import { newSuffix } from '../../kernel/ids.ts'
import type { Periodic } from '../../kernel/periodic.ts'
import type { PaymentObject } from '../provider.ts'
import { startDeliveries } from './deliveries.ts'
import type { Faults } from './faults.ts'
import type { NoticeBody } from './hearing.ts'
import { openMailbox } from './mailbox.ts'

export interface NoticesOptions {
  db: Parameters<typeof openMailbox>[0]
  clock: Clock
  secret: string
  /** Whether the shop is told of everything, or only of what a call of its own has not answered. */
  of: 'everything' | 'the unanswered'
  faults: Faults
}

export interface Telling {
  type: string
  object: PaymentObject
  /** Whether a call of the shop is answered with the same. */
  answered: boolean
  copies?: number
  failed_refund?: string
}

const MAX_LATE_MS = 60_000
/** So much later than an answer that is on its way. */
const AFTER_THE_ANSWER_MS = 250

/** What the test provider tells by itself. */
export function createNotices({ db, clock, secret, of, faults }: NoticesOptions) {
  const mailbox = openMailbox(db)
  let deliveries: Periodic | undefined

  return {
    /** Writes a notice with the change that it tells of; belongs into its transaction. */
    tell({ type, object, answered, copies = 1, failed_refund }: Telling): void {
      if (answered && copies === 1 && of === 'the unanswered') return
      const now = clock.now()
      const body: NoticeBody = {
        id: `tpn_${newSuffix(now)}`,
        type,
        object,
        ...(failed_refund && { failed_refund }),
      }
      const late = Math.random() < faults.late ? Math.random() * MAX_LATE_MS : 0
      mailbox.put({
        ...{ id: body.id, body: JSON.stringify(body) },
        due_at: Math.round(now + AFTER_THE_ANSWER_MS + late),
        copies: copies + (Math.random() < faults.twice ? 1 : 0),
      })
      deliveries?.wake()
    },
    deliverTo(url: string): void {
      deliveries ??= startDeliveries({ mailbox, clock, url, secret, faults })
    },
    async stop(): Promise<void> {
      await deliveries?.stop()
    },
  }
}

import { createHash } from 'node:crypto'
import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { removeInSteps } from '../../storage/remove-in-steps.ts'
import type { Storage } from '../../storage/storage.ts'
import { ALLOWANCE_WINDOW_MS, countOneMore } from './allowance-rules.ts'
import { type CountedKind, MAIL_ALLOWANCES, type MailAllowance } from './schema.ts'

const MAX_TRIES = 8

/**
 * How many mails of a kind may be asked for to one address, whether it has an account or not, and how many are told to one that nobody
 * has confirmed; counted in the storage, so that neither a restart nor another node forgives anything.
 */
export function createAllowances({ storage, clock }: { storage: Pick<Storage, 'collection'>; clock: Clock }) {
  const allowances = storage.collection(MAIL_ALLOWANCES)

  async function write(id: string, known: MailAllowance | undefined, asked: number[]): Promise<boolean> {
    const now = clock.now()
    const at = timestamp(now)
    const next = { asked, expires_at: now + ALLOWANCE_WINDOW_MS, updated_at: at }
    try {
      if (known) await allowances.replace({ ...known, ...next })
      else await allowances.insert({ id, ...next, created_at: at })
      return true
    } catch (error) {
      if (isRefusal(error, 'version_moved') || isRefusal(error, 'duplicate')) return false
      throw error
    }
  }

  return {
    /** Takes one of what is left for this hour; false when nothing is. Also when many ask at once. */
    async take(kind: CountedKind, address: string): Promise<boolean> {
      const id = `${kind}_${digest(address)}`
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const known = await allowances.get(id)
        const asked = countOneMore(kind, known?.asked ?? [], clock.now())
        if (!asked) return false
        if (await write(id, known, asked)) return true
      }
      return false
    },
    sweep: () => removeInSteps(allowances, 'expires', clock.now()),
  }
}

export type Allowances = ReturnType<typeof createAllowances>

/** Keeps addresses out of these documents. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

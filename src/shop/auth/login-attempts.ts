import { createHash } from 'node:crypto'
import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { Storage } from '../../storage/storage.ts'
import {
  ACCOUNT_POLICY,
  type AttemptCounts,
  type AttemptPolicy,
  countAttempt,
  countSuccess,
  isKnownNetwork,
  PAIR_POLICY,
  waitBeforeAttempt,
} from './attempt-rules.ts'
import { LOGIN_ATTEMPTS, type LoginAttempts } from './schema.ts'

const MAX_TRIES = 8
/** A known network is noted anew this often at most, so that ordinary sign-ins write nothing here. */
const NOTE_KNOWN_AGAIN_MS = 86_400_000

interface Place {
  /** Folded e-mail, whether it has an account or not. */
  email: string
  /** An IPv4 address, or the /64 of an IPv6 address. */
  network: string
}

interface LoginAttemptsOptions {
  storage: Storage
  clock: Clock
  /** Off: nothing is counted and nobody waits. */
  enabled: boolean
}

/**
 * Attempts at passwords, counted in the storage so that a restart forgives nothing. Networks that signed in to
 * an account before do not share the account's own delay: nobody can be locked out from where they usually are.
 */
export function createLoginAttempts({ storage, clock, enabled }: LoginAttemptsOptions) {
  const counts = storage.collection(LOGIN_ATTEMPTS)

  async function write(id: string, before: LoginAttempts | undefined, next: AttemptCounts): Promise<boolean> {
    const at = timestamp(clock.now())
    try {
      if (before) await counts.replace({ ...before, ...next, updated_at: at })
      else await counts.insert({ id, ...next, created_at: at, updated_at: at })
      return true
    } catch (error) {
      if (isRefusal(error, 'version_moved') || isRefusal(error, 'duplicate')) return false
      throw error
    }
  }

  /** Counts one attempt, or throws while the delay of the earlier ones lasts. Returns what was there before. */
  async function take(id: string, policy: AttemptPolicy): Promise<LoginAttempts | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const now = clock.now()
      const before = await counts.get(id)
      const wait_ms = waitBeforeAttempt(before, now)
      if (wait_ms > 0) throw tooManyAttempts(wait_ms)
      if (await write(id, before, countAttempt(before, policy, now))) return before
    }
    throw tooManyAttempts(1_000)
  }

  return {
    /** Before a password is looked at; throws `too_many_attempts` with the seconds to wait. */
    async admit(place: Place): Promise<void> {
      if (!enabled) return
      const before = await take(pairId(place), PAIR_POLICY)
      if (!isKnownNetwork(before, clock.now())) await take(accountId(place), ACCOUNT_POLICY)
    },

    /** After the right password: earlier slips from this network are forgotten and it is known from now on. */
    async succeed(place: Place): Promise<void> {
      if (!enabled) return
      const id = pairId(place)
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const now = clock.now()
        const before = await counts.get(id)
        const noted = before && before.attempts === 0 && now - before.succeeded_at < NOTE_KNOWN_AGAIN_MS
        if (noted || (await write(id, before, countSuccess(now)))) return
      }
    },

    sweep: (limit: number) => counts.removeOlder('expires', clock.now(), limit),
  }
}

function tooManyAttempts(wait_ms: number): Refusal {
  return new Refusal(
    'too_many',
    'too_many_attempts',
    'Too many attempts; wait as long as Retry-After says.',
    {
      retry_after_seconds: Math.ceil(wait_ms / 1_000),
    },
  )
}

function pairId({ email, network }: Place): string {
  return `pair_${digest(`${email}\n${network}`)}`
}

function accountId({ email }: Place): string {
  return `account_${digest(email)}`
}

/** Keeps e-mails and addresses out of these documents. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

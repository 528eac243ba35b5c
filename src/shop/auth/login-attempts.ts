import { type Clock, timestamp } from '../../kernel/clock.ts'
import { digestOf } from '../../kernel/digest.ts'
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
const PAGE = 100
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

  /** What is there now, undefined when somebody else was first. */
  async function write(
    { id, account }: Filed,
    before: LoginAttempts | undefined,
    next: AttemptCounts,
  ): Promise<LoginAttempts | undefined> {
    const at = timestamp(clock.now())
    try {
      if (before) return await counts.replace({ ...before, ...next, account, updated_at: at })
      return await counts.insert({ id, account, ...next, created_at: at, updated_at: at })
    } catch (error) {
      if (isRefusal(error, 'version_moved') || isRefusal(error, 'duplicate')) return undefined
      throw error
    }
  }

  /** Counts one attempt on what was read, or throws while the delay of the earlier ones lasts. */
  async function take(
    filed: Filed,
    policy: AttemptPolicy,
    read: LoginAttempts | undefined,
  ): Promise<LoginAttempts> {
    let before = read
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const now = clock.now()
      demandNoWait(before, now)
      const counted = await write(filed, before, countAttempt(before, policy, now))
      if (counted) return counted
      before = await counts.get(filed.id)
    }
    throw tooManyAttempts(1_000)
  }

  return {
    /**
     * Before a password is looked at; throws `too_many_attempts` with the seconds to wait. Resolves to what `succeed`
     * then goes on from.
     */
    async admit(place: Place): Promise<LoginAttempts | undefined> {
      if (!enabled) return undefined
      const filed = { pair: filedByPair(place), account: filedByAccount(place) }
      const ids = [filed.pair.id, filed.account.id]
      const found = await counts.getMany(ids)
      const [pair, account] = ids.map((id) => found.find((one) => one.id === id))
      demandNoWait(pair, clock.now())
      const [counted, shared] = await Promise.allSettled([
        take(filed.pair, PAIR_POLICY, pair),
        isKnownNetwork(pair, clock.now()) ? undefined : take(filed.account, ACCOUNT_POLICY, account),
      ])
      if (counted.status === 'rejected') throw counted.reason
      if (shared.status === 'rejected') throw shared.reason
      return counted.value
    },

    /** After the right password: earlier slips from this network are forgotten and it is known from now on. */
    async succeed(place: Place, admitted?: LoginAttempts): Promise<void> {
      if (!enabled) return
      const filed = filedByPair(place)
      let before = admitted ?? (await counts.get(filed.id))
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const now = clock.now()
        const noted = before && before.attempts === 0 && now - before.succeeded_at < NOTE_KNOWN_AGAIN_MS
        if (noted || (await write(filed, before, countSuccess(now)))) return
        before = await counts.get(filed.id)
      }
    },

    /** Removes what was counted at an e-mail, given as its digest. */
    async forget(account: string): Promise<void> {
      for (;;) {
        const { items, next } = await counts.list({ index: 'account', equal: [account], limit: PAGE })
        await Promise.all(items.map(({ id, version }) => counts.remove(id, version)))
        if (!next) return
      }
    },

    sweep: (limit: number) => counts.removeOlder('expires', clock.now(), limit),
  }
}

/** Under which id something is counted, and at which e-mail. */
interface Filed {
  id: string
  account: string
}

function demandNoWait(before: LoginAttempts | undefined, now: number): void {
  const wait_ms = waitBeforeAttempt(before, now)
  if (wait_ms > 0) throw tooManyAttempts(wait_ms)
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

/** Digests keep e-mails and addresses out of these documents. */
function filedByPair({ email, network }: Place): Filed {
  return { id: `pair_${digestOf(`${email}\n${network}`)}`, account: digestOf(email) }
}

function filedByAccount({ email }: Place): Filed {
  const account = digestOf(email)
  return { id: `account_${account}`, account }
}

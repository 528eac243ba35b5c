import { createHmac } from 'node:crypto'
import { hash as bcryptHash, verify as bcryptVerify, parseOptions } from '@node-rs/bcrypt'
import type { HashLimiter } from './hash-limiter.ts'

/** Tells which preparation the hash behind it had, so that another one can follow. */
const SCHEME = 'hmac-sha384:'
/** Not a secret: it only keeps these digests apart from those of anybody else. */
const PREPARATION_KEY = 'tradewind.password.1'
/** What a hash of cost 12 takes on a common core; doubled or halved by each step of the cost. */
const MS_AT_COST_12 = 200

export interface Passwords {
  hash(password: string): Promise<string>
  /** Does the same work whether `stored` is there or not, so that nobody can tell by time. */
  verify(password: string, stored: string | undefined): Promise<boolean>
  /** Whether the hash was made with less work than is wanted now. */
  isOutdated(stored: string): boolean
}

export function hashEstimateMs(cost: number): number {
  return MS_AT_COST_12 * 2 ** (cost - 12)
}

/** Password hashes: bcrypt of a keyed digest, because bcrypt alone ignores all behind the 72nd byte or a NUL. */
export function createPasswords({ cost, limiter }: { cost: number; limiter: HashLimiter }): Passwords {
  /** Work of 2^cost rounds that never succeeds: nobody knows a password for this hash. */
  const idle = async (prepared: string, idleCost: number) => {
    await bcryptVerify(
      prepared,
      `$2b$${String(idleCost).padStart(2, '0')}$${'C'.repeat(21)}u${'C'.repeat(31)}`,
    )
  }

  return {
    hash: (password) => limiter.run(async () => SCHEME + (await bcryptHash(prepare(password), { cost }))),

    verify: (password, stored) =>
      limiter.run(async () => {
        const prepared = prepare(password)
        if (stored === undefined) {
          await idle(prepared, cost)
          return false
        }
        const encoded = encodedHash(stored)
        if (await bcryptVerify(prepared, encoded)) return true
        // An older, cheaper hash is filled up: costs c, c, c+1 … k-1 together are the work of cost k.
        for (let filled = parseOptions(encoded).cost; filled < cost; filled++) await idle(prepared, filled)
        return false
      }),

    isOutdated: (stored) => parseOptions(encodedHash(stored)).cost < cost,
  }
}

function encodedHash(stored: string): string {
  if (!stored.startsWith(SCHEME))
    throw new Error('a stored password has a scheme that this version does not know')
  return stored.slice(SCHEME.length)
}

/** 64 characters, whatever came in; the same for a letter and its accent typed as one key or as two. */
function prepare(password: string): string {
  return createHmac('sha384', PREPARATION_KEY).update(password.normalize('NFC'), 'utf8').digest('base64')
}

import type { Static } from 'typebox'
import type { Check, CheckResults } from './health-schema.ts'

const CHECK_TIMEOUT_MS = 2_000

/** What is asked, by name; a check rejects with what is wrong. */
export type Checks = Record<string, () => Promise<void>>

/** Asks all checks, however many ask for the health. */
export function createHealthChecks(checks: Checks): () => Promise<CheckResults> {
  return cached(() => runChecks(checks), CACHE_MS)
}

/** Whether every check came out well. */
export function isWell(results: CheckResults): boolean {
  return Object.values(results).every(({ status }) => status === 'ok')
}

/** Asks all at once; one that gives no answer in time counts as failing. */
async function runChecks(checks: Checks): Promise<CheckResults> {
  const entries = Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

async function runCheck(check: () => Promise<void>): Promise<Static<typeof Check>> {
  let timer: NodeJS.Timeout | undefined
  const began = performance.now()
  const ms = () => Math.round(performance.now() - began)
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer within 2 s')), CHECK_TIMEOUT_MS)
  })
  try {
    await Promise.race([check(), late])
    return { status: 'ok', ms: ms() }
  } catch (error) {
    return { status: 'failing', ms: ms(), message: (error as Error).message }
  } finally {
    clearTimeout(timer)
  }
}

/** A check is asked at most this often, however many ask for the health. */
const CACHE_MS = 2_000

/** Gives the last answer again for `ms` milliseconds, also to those who ask while it is being made. */
function cached<Value>(make: () => Promise<Value>, ms: number): () => Promise<Value> {
  let value: Promise<Value> | undefined
  let made_ms = 0
  return () => {
    if (value === undefined || performance.now() - made_ms > ms) {
      made_ms = performance.now()
      value = make()
    }
    return value
  }
}

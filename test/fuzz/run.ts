import fc from 'fast-check'
import type { CallerName } from './callers.ts'
import { faultLine } from './curl.ts'
import { faultsOfTheEnd, HEALTH } from './ending.ts'
import type { Fault } from './exchange.ts'
import { createLetters } from './letters.ts'
import { unknownParameters } from './paths.ts'
import { type FuzzRequest, requestsOf } from './requests.ts'
import type { Received, Sent } from './sending.ts'
import { createSummary, type Summary } from './summary.ts'
import { openWorld, type World } from './world.ts'

export interface FuzzOptions {
  /** How many requests are generated. */
  requests: number
  /** Chooses them: the same seed gives the same requests, though ids in them are the shop's own, times are near, and answers interleave anew. */
  seed: number
  /** Is told now and then how far it is, and of each fault at once, with a line for a shell that sends its request again. */
  say?(line: string): void
}

export interface FuzzOutcome {
  faults: Fault[]
  summary: Summary
  seconds: number
  /** How often a caller had to be signed in or made anew. */
  renewals: number
}

/** Requests under way at once. */
const AT_ONCE = 8
/** Requests of an operation that are generated together. */
const BATCH = 25
/** Between two looks at what was mailed. */
const MAIL_EVERY = 50
/** Of many faults the first ones tell enough. */
const MAX_FAULTS = 20
/** Between two words on how far it is. */
const SAY_EVERY = 2_000

/** Sends generated requests to a shop of its own, and judges every answer, the log of the shop, and its health in the end. */
export async function runFuzz({ requests, seed, say = () => {} }: FuzzOptions): Promise<FuzzOutcome> {
  const world = await openWorld()
  const { faults } = world.exchange
  const began = performance.now()
  const summary = createSummary(world.operations)
  try {
    const unknown = unknownParameters(world.operations)
    if (unknown.length > 0) throw new Error(`nothing is known to stand in ${unknown.join(', ')}`)
    const source = generated(world, seed, requests)
    const readLetters = createLetters(world.shop.directory, world.things)
    let sent = 0
    let said = 0
    const sayFaults = () => {
      for (; said < faults.length; said++)
        if (said < MAX_FAULTS) say(faultLine(world.shop.url, faults[said]!))
    }
    const work = async () => {
      for (const request of source) {
        await sendOne(world, request, summary)
        sent++
        if (sent % MAIL_EVERY === 0) readLetters()
        if (sent % SAY_EVERY === 0) say(`${sent} requests, ${faults.length} faults`)
        sayFaults()
      }
    }
    // Where nobody can be made any more who could ask, the faults so far say why; the source is at its end for all then.
    const ended = (error: Error) => {
      faults.push({ sent: HEALTH, what: String(error) })
    }
    await Promise.all(Array.from({ length: AT_ONCE }, () => work().catch(ended)))
    faults.push(...(await faultsOfTheEnd(world)))
    sayFaults()
    const seconds = (performance.now() - began) / 1_000
    return { faults, summary, seconds, renewals: world.callers.renewals() }
  } finally {
    await world.close()
  }
}

/** Operation after operation, round after round. Shared by all who send: each takes the next. */
function* generated(
  { operations, examples, pictures }: World,
  seed: number,
  count: number,
): Generator<FuzzRequest> {
  const sources = operations.map((operation, index) => {
    const requests = requestsOf(operation, examples.get(operation.name) ?? [], pictures)
    let batch: FuzzRequest[] = []
    let batches = 0
    return () => {
      if (batch.length === 0) {
        batch = fc.sample(requests, { seed: seed * 1_000_003 + index * 10_007 + batches, numRuns: BATCH })
        batches++
      }
      return batch.pop()!
    }
  })
  for (let made = 0; made < count; made++) yield sources[made % sources.length]!()
}

async function sendOne(
  { things, callers, exchange }: World,
  request: FuzzRequest,
  summary: Summary,
): Promise<void> {
  const { method, path, body, caller, headers } = request
  const credentials = callers.credentialsOf(caller)
  const sent: Sent = {
    method,
    path: things.fill(path, encodeURIComponent),
    headers: { ...(body?.type !== undefined && { 'content-type': body.type }), ...credentials, ...headers },
    content: typeof body?.content === 'string' ? things.fill(body.content, inJson) : body?.content,
  }
  const received = await exchange.send(sent)
  summary.count(request, received)
  if (received && isLost(caller, received)) await callers.renew(caller, credentials)
}

function inJson(thing: string): string {
  return JSON.stringify(thing).slice(1, -1)
}

/** Whether a caller was signed out, erased or lowered by the requests of others, or a guest's cart went to an account. */
function isLost(caller: CallerName, { status, text }: Received): boolean {
  if (caller === 'guest') return text.includes('"cart_merged"')
  if (status === 401) return true
  const isStaff = caller === 'admin' || caller === 'super_admin'
  return (
    status === 403 && (text.includes('"account_deactivated"') || (isStaff && text.includes('"forbidden"')))
  )
}

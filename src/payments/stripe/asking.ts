import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Intent, IntentPage, MadeRefund, RefundPage } from './answer-schema.ts'
import { type Fault, faultOf } from './fault-rules.ts'
import { REPLAYED } from './transport.ts'

/** `replayed`: what Stripe answered an earlier request under the same key; things may stand otherwise by now. */
export type Said<Answer> = ({ answer: Answer; fault?: never } | (Fault & { answer?: never })) & {
  replayed: boolean
}

/** Asks Stripe and resolves to an answer that has what is read of it, or to what came instead. Never rejects. */
export const askIntent = asking(Intent)
export const askIntents = asking(IntentPage)
export const askRefund = asking(MadeRefund)
export const askRefunds = asking(RefundPage)

function asking<Schema extends TSchema>(schema: Schema) {
  const validator = Compile(schema)
  return async (call: () => Promise<unknown>): Promise<Said<Static<Schema>>> => {
    let answer: unknown
    try {
      answer = await call()
    } catch (error) {
      return { ...faultOf(error), replayed: isReplayed(error) }
    }
    const replayed = isReplayed((answer as { lastResponse?: unknown } | null)?.lastResponse)
    if (validator.Check(answer)) return { answer: answer as Static<Schema>, replayed }
    const [missing] = validator.Errors(answer)
    return {
      ...{ fault: 'unknown', replayed },
      reason: `Stripe's answer does not fit: ${missing?.instancePath} ${missing?.message}`,
    }
  }
}

/** The library has the headers at what it resolves to and at what it throws. */
function isReplayed(from: unknown): boolean {
  return (from as { headers?: Record<string, string> } | undefined)?.headers?.[REPLAYED] === 'true'
}

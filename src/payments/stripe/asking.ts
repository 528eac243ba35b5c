import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Intent, IntentPage, MadeRefund, RefundPage } from './answer-schema.ts'
import { type Fault, faultOf } from './fault-rules.ts'

export type Said<Answer> = { answer: Answer; fault?: never } | (Fault & { answer?: never })

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
      return faultOf(error)
    }
    if (validator.Check(answer)) return { answer: answer as Static<Schema> }
    const [missing] = validator.Errors(answer)
    return {
      fault: 'unknown',
      reason: `Stripe's answer does not fit: ${missing?.instancePath} ${missing?.message}`,
    }
  }
}

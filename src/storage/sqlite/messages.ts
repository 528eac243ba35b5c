import type { RefusalDetails, RefusalKind } from '../../kernel/errors.ts'
import { Refusal } from '../../kernel/errors.ts'
import type { CollectionPlan } from './collection-schema.ts'

/** What a worker thread of the engine is started with. */
export interface WorkerSetup {
  path: string
  collections: CollectionPlan[]
  max_pages?: number
}

/** A write or a read as plain data. */
export interface Request {
  kind: string
  input: unknown
}

/** How one request ended; errors cross threads as data. */
export type Outcome =
  | { value: unknown }
  | { refusal: { kind: RefusalKind; code: string; message: string; details: RefusalDetails } }
  | { error: { message: string; stack?: string; code?: string; errcode?: number } }

export interface BatchAnswer {
  outcomes: Outcome[]
  /** Whether events came into the outbox. */
  told: boolean
  /** Nothing of the batch was written. */
  failed?: true
  /** What is on the disk is unknown: nothing of the batch may be answered and the process must end. */
  fatal?: string
}

export function failure(thrown: unknown): Outcome {
  if (thrown instanceof Refusal) {
    const { kind, code, message, details } = thrown
    return { refusal: { kind, code, message, details } }
  }
  const { message, stack, code, errcode } = thrown as Error & { code?: string; errcode?: number }
  return { error: { message: message ?? String(thrown), stack, code, errcode } }
}

/** The error that the other thread threw. */
export function toError(outcome: Exclude<Outcome, { value: unknown }>): Error {
  if ('refusal' in outcome) {
    const { kind, code, message, details } = outcome.refusal
    return new Refusal(kind, code, message, details)
  }
  const { message, stack, code, errcode } = outcome.error
  return Object.assign(new Error(message), { code, errcode, cause: stack })
}

/** What a write or read gets that could not be taken now. */
export function unavailable(message: string): Refusal {
  return new Refusal('unavailable', 'storage_unavailable', message, { retry_after_seconds: 5 })
}

export type RefusalKind =
  | 'malformed'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'version_conflict'
  | 'too_large'
  | 'unsupported'
  | 'unprocessable'
  | 'too_many'
  | 'unavailable'

/** One fault of a request: where (a JSON pointer), a stable code and a sentence. */
export interface Fault {
  pointer: string
  code: string
  message: string
}

export interface RefusalDetails {
  /** Every fault of an invalid request. */
  errors?: Fault[]
  /** Seconds after which the same request may succeed; becomes Retry-After. */
  retry_after_seconds?: number
  /** Members that the problem document carries beside the standard ones, as `lines` of a short stock. */
  extra?: Record<string, unknown>
}

/**
 * An expected refusal. `code` is stable and snake_case; `message` is a sentence for the caller and holds
 * nothing secret. Anything else that is thrown is a bug and answers 500.
 */
export class Refusal extends Error {
  readonly kind: RefusalKind
  readonly code: string
  readonly details: RefusalDetails

  constructor(kind: RefusalKind, code: string, message: string, details: RefusalDetails = {}) {
    super(message)
    this.name = 'Refusal'
    this.kind = kind
    this.code = code
    this.details = details
  }
}

export function isRefusal(error: unknown, code?: string): error is Refusal {
  return error instanceof Refusal && (code === undefined || error.code === code)
}

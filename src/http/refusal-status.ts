import type { RefusalKind } from '../kernel/errors.ts'

/** The only place that knows which refusal is which status. */
export const STATUS_OF: Record<RefusalKind, number> = {
  malformed: 400,
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  version_conflict: 412,
  too_large: 413,
  unsupported: 415,
  unprocessable: 422,
  too_many: 429,
  unavailable: 503,
}

/** The status of a kind, for the page of errors. */
export function statusOfKind(kind: RefusalKind): number {
  return STATUS_OF[kind]
}

import { type Static, Type } from 'typebox'
import type { Outcome } from './errors.ts'
import { STATUS_CODES } from './status-texts.ts'

/** RFC 9457, with the members that all our problems carry. */
export const Problem = Type.Object(
  {
    type: Type.String({ format: 'uri' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    instance: Type.String({ description: 'Names this occurrence; the same id as in `request_id`' }),
    code: Type.String({ pattern: '^[a-z0-9_]+$', description: 'Stable; all are listed in docs/errors.md' }),
    request_id: Type.String(),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON pointer into the body, or the name of a parameter' }),
          code: Type.String(),
          message: Type.String(),
        }),
      ),
    ),
  },
  { description: 'A refusal or a failure (RFC 9457)' },
)
export type Problem = Static<typeof Problem> & Record<string, unknown>

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** The document that the caller gets. It echoes nothing of the request but its id. */
export function problemOf(outcome: Outcome, request_id: string): Problem {
  return {
    type: `urn:tradewind:problem:${outcome.code}`,
    title: STATUS_CODES[outcome.status] ?? 'Error',
    status: outcome.status,
    detail: outcome.message,
    instance: `urn:tradewind:request:${request_id}`,
    code: outcome.code,
    request_id,
    ...(outcome.errors && { errors: outcome.errors }),
    ...outcome.extra,
  }
}

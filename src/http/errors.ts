import { STATUS_CODES } from 'node:http'
import type { FastifyError } from 'fastify'
import { type Fault, Refusal, type RefusalKind } from '../kernel/errors.ts'
import type { Problem } from './problem.ts'
import { faultsOf } from './validation.ts'

/** The only place that knows which refusal is which status. */
const STATUS_OF: Record<RefusalKind, number> = {
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

/** Refusals of the protocol itself, which no capability can utter. */
export const HTTP_PROBLEMS = {
  method_not_allowed: {
    status: 405,
    message: 'This address does not know this method; `Allow` names those it knows.',
  },
  not_acceptable: {
    status: 406,
    message: 'This address cannot answer in a media type that `Accept` allows.',
  },
  request_timeout: { status: 408, message: 'The request did not arrive in time.' },
  headers_too_large: { status: 431, message: 'The header block is larger than 16 KiB.' },
  bad_request: { status: 400, message: 'This is not a well-formed HTTP request.' },
  internal_error: { status: 500, message: 'Something failed on our side. Please tell us the request id.' },
} as const
export type HttpProblemCode = keyof typeof HTTP_PROBLEMS

/** What Fastify says of requests that it refuses itself. */
const OF_FRAMEWORK: Record<string, Refusal> = {
  FST_ERR_CTP_BODY_TOO_LARGE: new Refusal(
    'too_large',
    'body_too_large',
    'The body is larger than this address takes.',
  ),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: new Refusal(
    'unsupported',
    'unsupported_media_type',
    'Send the body as application/json.',
  ),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: new Refusal(
    'malformed',
    'bad_content_length',
    'The body is not as long as Content-Length says.',
  ),
  FST_ERR_BAD_URL: new Refusal('malformed', 'bad_url', 'The address is not a well-formed URL.'),
  FST_ERR_MAX_PARAM_LENGTH: new Refusal('not_found', 'not_found', 'There is nothing at this address.'),
}

/** The status of a kind, for the page of errors. */
export function statusOfKind(kind: RefusalKind): number {
  return STATUS_OF[kind]
}

export const NOT_FOUND = new Refusal('not_found', 'not_found', 'There is nothing at this address.')

/** No kind of refusal of the shop: only the protocol knows it. */
export class NotAcceptable extends Error {}

/** A refusal, a fault of the protocol, or a bug (500 with nothing of its inside). */
export interface Outcome {
  status: number
  code: string
  message: string
  errors?: Fault[]
  retry_after_seconds?: number
  extra?: Record<string, unknown>
  /** Thrown by nobody on purpose: logged with its cause. */
  bug: boolean
}

/** What an error means for the caller. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof Refusal) return ofRefusal(error)
  if (error instanceof NotAcceptable) return ofProtocol('not_acceptable')
  const { code, validation, validationContext, statusCode } = error as FastifyError
  if (validation) return ofRefusal(refusalOfValidation(validation, validationContext))
  const known = OF_FRAMEWORK[code]
  if (known) return ofRefusal(known)
  if (isBadEncoding(code)) return ofRefusal(BAD_ENCODING)
  // A client that goes away in the middle of its body; nobody hears the answer.
  if (code === 'ECONNRESET' || code === 'ECONNABORTED' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return ofProtocol('bad_request')
  if (
    code?.startsWith('FST_ERR_') &&
    statusCode &&
    statusCode >= 400 &&
    statusCode < 500 &&
    statusCode !== 413
  )
    return ofProtocol('bad_request')
  if (statusCode === 413) return ofRefusal(OF_FRAMEWORK.FST_ERR_CTP_BODY_TOO_LARGE!)
  return { ...ofProtocol('internal_error'), bug: true }
}

export function ofProtocol(code: HttpProblemCode): Outcome {
  return { ...HTTP_PROBLEMS[code], code, bug: false }
}

function ofRefusal({ kind, code, message, details }: Refusal): Outcome {
  return { status: STATUS_OF[kind], code, message, ...details, bug: false }
}

const BAD_ENCODING = new Refusal('malformed', 'bad_encoding', 'The body is not valid gzip.')

function isBadEncoding(code: string | undefined): boolean {
  return code?.startsWith('Z_') ?? false
}

function refusalOfValidation(
  validation: NonNullable<FastifyError['validation']>,
  context: FastifyError['validationContext'],
): Refusal {
  // An id that no document could have is answered like one that no document has.
  if (context === 'params') return NOT_FOUND
  const errors = faultsOf(validation, context === 'body' ? 'pointer' : 'name')
  if (context === 'body')
    return new Refusal('invalid', 'invalid_body', 'The body does not fit; `errors` names each fault.', {
      errors,
    })
  return new Refusal(
    'malformed',
    context === 'headers' ? 'invalid_header' : 'invalid_query',
    'A parameter does not fit; `errors` names each fault.',
    {
      errors,
    },
  )
}

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

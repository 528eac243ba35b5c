import type { FastifyError } from 'fastify'
import { type Fault, Refusal } from '../kernel/errors.ts'
import { BAD_ENCODING, isBadEncoding, OF_FRAMEWORK, refusalOfValidation } from './framework-refusals.ts'
import { HTTP_PROBLEMS, type HttpProblemCode, NotAcceptable } from './protocol-problems.ts'
import { STATUS_OF } from './refusal-status.ts'

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

import type { FastifyError } from 'fastify'
import { Refusal } from '../kernel/errors.ts'
import { faultsOf } from './validation.ts'

/** What Fastify says of requests that it refuses itself. */
export const OF_FRAMEWORK: Record<string, Refusal> = {
  FST_ERR_CTP_BODY_TOO_LARGE: new Refusal(
    'too_large',
    'body_too_large',
    'The body is larger than this address takes.',
  ),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: new Refusal(
    'malformed',
    'bad_content_length',
    'The body is not as long as Content-Length says.',
  ),
  FST_ERR_BAD_URL: new Refusal('malformed', 'bad_url', 'The address is not a well-formed URL.'),
  FST_ERR_MAX_PARAM_LENGTH: new Refusal('not_found', 'not_found', 'There is nothing at this address.'),
}

/** For every address that does not exist, or not for this caller. */
export const NOT_FOUND = new Refusal('not_found', 'not_found', 'There is nothing at this address.')

/** What a newcomer hears at `/`. */
export const SEE_DOCS = new Refusal('not_found', 'not_found', 'There is nothing at this address; see /docs.')

export const BAD_ENCODING = new Refusal('malformed', 'bad_encoding', 'The body is not valid gzip.')

/** Whether a code is one of the decompression of a body. */
export function isBadEncoding(code: string | undefined): boolean {
  return code?.startsWith('Z_') ?? false
}

/** What a failed validation of this part of a request means for the caller. */
export function refusalOfValidation(
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
  if (context === 'headers')
    return new Refusal('malformed', 'invalid_header', 'A header does not fit; `errors` names each fault.', {
      errors,
    })
  return new Refusal('malformed', 'invalid_query', 'A parameter does not fit; `errors` names each fault.', {
    errors,
  })
}

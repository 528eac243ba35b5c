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

/** Their codes. */
export type HttpProblemCode = keyof typeof HTTP_PROBLEMS

/** No kind of refusal of the shop: only the protocol knows it. */
export class NotAcceptable extends Error {}

import { Refusal } from '../kernel/errors.ts'

/** Limits of every JSON body, looked at before and right after parsing, ahead of any schema. */
export const MAX_JSON_DEPTH = 32
export const MAX_OBJECT_KEYS = 1_000
export const MAX_BODY_KEYS = 20_000

/** The refusal of a body over these limits. */
export function tooManyKeys(): Refusal {
  return new Refusal(
    'malformed',
    'too_many_keys',
    `A body may have ${MAX_BODY_KEYS} keys, an object of it ${MAX_OBJECT_KEYS}.`,
  )
}

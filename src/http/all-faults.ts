import type { FastifyRequest } from 'fastify'
import { type Fault, Refusal } from '../kernel/errors.ts'
import { refusalOfValidation } from './framework-refusals.ts'

/**
 * For a route with `attachValidation`: throws every fault of its body at once, those that the schema found and, of other fields,
 * those that `judge` finds by rules that no schema holds.
 */
export function demandSound(request: FastifyRequest, judge: (body: object) => Fault[]): void {
  const { validationError, body } = request
  if (!validationError) return
  const { validation, validationContext } = validationError
  const refusal = refusalOfValidation(validation, validationContext as 'body')
  const { errors } = refusal.details
  if (validationContext !== 'body' || !errors || typeof body !== 'object' || body === null) throw refusal
  const known = new Set(errors.map(({ pointer }) => pointer))
  const more = judge(body).filter(({ pointer }) => !known.has(pointer))
  throw new Refusal('invalid', 'invalid_body', 'The body does not fit; `errors` names each fault.', {
    errors: [...errors, ...more],
  })
}

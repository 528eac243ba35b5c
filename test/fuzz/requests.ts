import fc, { type Arbitrary } from 'fast-check'
import { bodiesOf, type FuzzBody } from './bodies.ts'
import type { CallerName } from './callers.ts'
import { someHeaders } from './headers.ts'
import type { Operation } from './operations.ts'
import { pathsOf, queriesOf } from './paths.ts'

/** A request before it is sent: what stands in double braces is filled with what there is then. */
export interface FuzzRequest {
  operation: string
  tag: string
  method: string
  path: string
  headers: Record<string, string>
  caller: CallerName
  body: FuzzBody | undefined
}

const CALLERS: Record<string, CallerName[]> = {
  anyone: ['nobody', 'guest', 'guest', 'customer', 'customer', 'admin', 'super_admin', 'wrong token'],
  user: [
    'customer',
    'customer',
    'customer',
    'other customer',
    'admin',
    'super_admin',
    'guest',
    'nobody',
    'wrong token',
  ],
  staff: ['admin', 'admin', 'admin', 'super_admin', 'super_admin', 'super_admin', 'customer', 'nobody'],
  super: ['super_admin', 'super_admin', 'super_admin', 'super_admin', 'admin', 'customer'],
}

/** Requests of one operation. */
export function requestsOf(
  operation: Operation,
  examples: readonly string[],
  pictures: readonly Buffer[],
): Arbitrary<FuzzRequest> {
  const { name, tag, method, access } = operation
  const methods =
    method === 'GET'
      ? fc.constantFrom(...Array<string>(15).fill('GET'), 'HEAD', 'OPTIONS')
      : fc.constant(method)
  return fc
    .record({
      method: methods,
      path: pathsOf(operation),
      query: queriesOf(operation),
      headers: someHeaders(),
      caller: fc.constantFrom(...(CALLERS[access] ?? CALLERS.anyone!)),
      body: bodiesOf(operation, examples, pictures),
    })
    .map(({ path, query, ...rest }) => ({ ...rest, operation: name, tag, path: path + query }))
}

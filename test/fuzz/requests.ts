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

/** The first and the last are chosen more often than others. */
const CALLERS: Record<string, CallerName[]> = {
  anyone: ['customer', 'nobody', 'wrong token', 'guest', 'admin', 'super_admin', 'customer', 'guest'],
  user: [
    ...Array<CallerName>(4).fill('customer'),
    ...(['other customer', 'wrong token', 'nobody', 'guest', 'admin', 'super_admin'] as const),
    ...Array<CallerName>(4).fill('customer'),
  ],
  staff: ['admin', 'admin', 'admin', 'customer', 'nobody', 'super_admin', 'super_admin', 'super_admin'],
  super: ['super_admin', 'super_admin', 'admin', 'customer', 'super_admin', 'super_admin'],
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
    .map(({ path, query, ...rest }) => aboutItsOrder({ ...rest, operation: name, tag, path: path + query }))
}

/** What is said of an order names what was ordered with it. */
function aboutItsOrder(request: FuzzRequest): FuzzRequest {
  const { path, body } = request
  const place = /\{\{ord:(\d+)\}\}/.exec(path)?.[1]
  if (place === undefined || typeof body?.content !== 'string') return request
  const content = body.content.replaceAll(/\{\{(prd|on_sale):\d+\}\}/g, `{{ord>prd.1:${place}}}`)
  if (content === body.content) return request
  return {
    ...request,
    path: path.replace(`{{ord:${place}}}`, `{{ord>prd.0:${place}}}`),
    body: { ...body, content },
  }
}

import fc, { type Arbitrary } from 'fast-check'

const HEADERS: Record<string, string[]> = {
  'idempotency-key': ['key-1', 'key-2', 'key-3', '', ' ', 'é', 'k'.repeat(256)],
  'if-match': ['*', '"1-abcdefgh"', 'W/"2-abcdefgh"', '"999999999999999-a"', 'abc', '"1"', ''],
  'if-none-match': ['*', '"1-abcdefgh"', 'W/"x"', '"'],
  accept: ['*/*', 'text/html', 'text/csv', 'application/x-ndjson', 'image/*', 'application/json;q=0', ','],
  'content-encoding': ['gzip', 'br', 'identity', 'x'],
  origin: ['http://localhost:3000', 'https://evil.example', 'null'],
  cookie: ['session_id=x', 'session_id=', '%%%', `session_id=${'a'.repeat(43)}`],
  'x-session-id': ['x', 'a'.repeat(43), ''],
  'x-request-id': ['abc', 'x'.repeat(500), '"'],
  'user-agent': ['', 'Googlebot/2.1', 'x'.repeat(2_000)],
  range: ['bytes=0-1', 'bytes=9-1', 'x'],
  'x-http-method-override': ['DELETE'],
}

/** Headers that mean something to the shop, right and wrong; mostly none. */
export function someHeaders(): Arbitrary<Record<string, string>> {
  const one = fc
    .constantFrom(...Object.keys(HEADERS))
    .chain((name) => fc.constantFrom(...HEADERS[name]!).map((value) => [name, value] as const))
  return fc
    .oneof(
      { weight: 8, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(one, { minLength: 1, maxLength: 2 }) },
    )
    .map((headers) => Object.fromEntries(headers))
}
